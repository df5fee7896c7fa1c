#pragma once

#include <fast_float/fast_float.h>

#include <bit>
#include <cstdint>

#include "formats/quick_value.h"
#include "formats/swar.h"

namespace polarway {

/// What a number without its sign is multiplied with.
struct Exponent {
  const char* begin;   ///< At its 'e'; the number's end if it has none.
  std::int64_t power;  ///< Of ten.
};

/// Looks among the last eight characters. Sets `bad` when what stands behind the 'e' is no
/// exponent.
[[gnu::always_inline]] inline Exponent quick_exponent(FieldText number, std::uint64_t& bad) {
  const std::uint64_t word = swar::load(number.end - 8);
  if (number.size() == 0) return {number.end, 0};
  const std::uint64_t own = swar::last_bytes(number.size() < 8 ? number.size() : 8);
  const std::uint64_t found =
      swar::zero_bytes(((word | swar::repeat(0x20)) ^ swar::repeat('e')) | ~own);
  if (found == 0) return {number.end, 0};
  const int at = std::countr_zero(found) / 8;
  const bool is_negative = number.end[at - 7] == '-';
  const bool is_positive = number.end[at - 7] == '+';
  const int count = 7 - at - (is_negative | is_positive);
  if (at == 7 || count == 0) {
    bad = 1;
    return {number.end, 0};
  }
  const std::uint64_t digits =
      swar::to_digits(word) & swar::last_bytes(static_cast<std::size_t>(count));
  bad |= swar::above_nine(digits);
  const auto power = static_cast<std::int64_t>(swar::value_of(digits));
  return {number.end - 8 + at, is_negative ? -power : power};
}

/// The double nearest to digits * 10^power, with its sign. False: nothing is known, since that lies
/// too near to the middle between two doubles, or is too small for one, or too large.
[[gnu::always_inline]] inline bool nearest_double(std::uint64_t digits, std::int64_t power,
                                                  bool negative, double& out) {
  const std::uint64_t sign = static_cast<std::uint64_t>(negative) << 63;
  constexpr auto kMostExact = static_cast<std::int64_t>(detail::kPowersOfTen.size()) - 1;
  if (digits <= (std::uint64_t{1} << 53) && power <= 0 && power >= -kMostExact) {
    // Both are exact doubles, so one division of them rounds correctly (Clinger 1990, "How to read
    // floating point numbers accurately").
    const double value = static_cast<double>(static_cast<std::int64_t>(digits)) /
                         detail::kPowersOfTen[static_cast<std::size_t>(-power)];
    out = std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) ^ sign);
    return true;
  }
  // Lemire 2021, "Number parsing at a gigabyte per second".
  using Format = fast_float::binary_format<double>;
  const fast_float::adjusted_mantissa nearest = fast_float::compute_float<Format>(power, digits);
  if (nearest.power2 < 0 || nearest.power2 >= Format::infinite_power()) return false;
  if (nearest.power2 == 0 && digits != 0) return false;
  out = std::bit_cast<double>(nearest.mantissa |
                              (static_cast<std::uint64_t>(nearest.power2) << 52) | sign);
  return true;
}

}  // namespace polarway
