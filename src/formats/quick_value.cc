#include "formats/quick_value.h"

#include <algorithm>
#include <cstring>

#include "formats/nearest_double.h"

namespace polarway {
namespace {

constexpr std::array<std::uint64_t, 20> kPowers = [] {
  std::array<std::uint64_t, 20> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// Where the decimal point is; the end when there is none.
const char* point_of(FieldText number) {
  const std::uint64_t found = swar::zero_bytes(swar::load(number.begin) ^ swar::repeat('.'));
  if (found != 0) return std::min(number.begin + std::countr_zero(found) / 8, number.end);
  if (number.size() <= 8) return number.end;
  const void* point = std::memchr(number.begin + 8, '.', number.size() - 8);
  return point != nullptr ? static_cast<const char*>(point) : number.end;
}

}  // namespace

bool quick_decimal(FieldText text, int precision, int scale, std::int64_t& out) {
  constexpr std::size_t kMostDigits = 18;  // of which 63 bits hold all
  const bool negative = *text.begin == '-';
  const char* first = text.begin + negative;
  const auto size = static_cast<std::size_t>(text.end - first);
  if (size - 1 >= kMostDigits || scale < 0) return false;
  const auto* point = static_cast<const char*>(std::memchr(first, '.', size));
  const char* end_of_whole = point != nullptr ? point : text.end;
  const auto num_whole = static_cast<std::size_t>(end_of_whole - first);
  const auto num_decimals = point != nullptr ? static_cast<std::size_t>(text.end - point - 1) : 0;
  const auto wanted = static_cast<std::size_t>(scale);
  if (num_whole == 0 || num_decimals > wanted || num_whole + wanted > kMostDigits) return false;
  std::uint64_t bad = 0;
  std::uint64_t value = quick_digits(end_of_whole, num_whole, bad);
  if (num_decimals > 0) {
    value = value * kPowers[num_decimals] + quick_digits(text.end, num_decimals, bad);
  }
  value *= kPowers[wanted - num_decimals];
  out = static_cast<std::int64_t>(negative ? 0 - value : value);
  const auto most = std::min(static_cast<std::size_t>(precision), kMostDigits);
  return bad == 0 && value < kPowers[most];
}

bool quick_long_double(FieldText text, double& out) {
  constexpr std::size_t kMostSize = 26;
  constexpr std::size_t kMostDigits = 19;  // that 64 bits hold
  const bool negative = *text.begin == '-';
  const char* first = text.begin + negative;
  if (static_cast<std::size_t>(text.end - first) - 1 >= kMostSize) return false;
  std::uint64_t bad = 0;
  const Exponent exponent = quick_exponent({first, text.end}, bad);
  const char* end = exponent.begin;
  const bool has_exponent = end != text.end;
  const char* point = point_of({first, end});
  const bool has_point = point != end;
  const auto num_whole = static_cast<std::size_t>(point - first);
  const auto num_decimals = static_cast<std::size_t>(end - point) - (has_point ? 1 : 0);
  // Integers that long may not be exact, unless they are written as a power.
  if (!has_point && !has_exponent) return false;
  if (num_whole == 0 || (has_point && num_decimals == 0)) return false;
  if (num_whole + num_decimals > kMostDigits || (*first == '0' && num_whole > 1)) return false;
  std::uint64_t digits = quick_digits(point, num_whole, bad);
  if (has_point) digits = digits * kPowers[num_decimals] + quick_digits(end, num_decimals, bad);
  if (bad != 0) return false;
  const std::int64_t power = exponent.power - static_cast<std::int64_t>(num_decimals);
  return nearest_double(digits, power, negative, out);
}

}  // namespace polarway
