#include "exact_sum.h"

#include <bit>
#include <cmath>
#include <limits>

namespace polarway::cli {

namespace {

__extension__ typedef unsigned __int128 Uint128;

constexpr std::uint64_t kMantissaMask = (std::uint64_t{1} << 52) - 1;
constexpr std::uint32_t kSpecialExponent = 0x7ff;
constexpr int kLowestExponent = -1074;  // of the lowest bit of digits_[0]

}  // namespace

void ExactSum::add(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto exponent = static_cast<std::uint32_t>(bits >> 52) & kSpecialExponent;
  if (exponent == kSpecialExponent) {
    has_nan_ |= std::isnan(value);
    has_infinity_ |= std::isinf(value) && value > 0;
    has_minus_infinity_ |= std::isinf(value) && value < 0;
    return;
  }

  const bool is_normal = exponent != 0;
  const std::uint64_t mantissa = (bits & kMantissaMask) | (std::uint64_t{is_normal} << 52);
  const std::uint32_t position = is_normal ? exponent - 1 : 0;
  const Uint128 shifted = Uint128{mantissa} << (position % 32);
  const auto low = static_cast<std::int64_t>(shifted & 0xffffffff);
  const auto middle = static_cast<std::int64_t>((shifted >> 32) & 0xffffffff);
  const auto high = static_cast<std::int64_t>(shifted >> 64);
  const std::int64_t sign = (bits >> 63) != 0 ? -1 : 1;
  std::int64_t* digits = &digits_[position / 32];
  digits[0] += sign * low;
  digits[1] += sign * middle;
  digits[2] += sign * high;

  if (--adds_until_carry_ == 0) {
    carry(digits_);
    adds_until_carry_ = kAddsPerCarry;
  }
}

// Makes every digit but the topmost lie in [0, 2^32); the topmost keeps the sign.
void ExactSum::carry(Digits& digits) {
  for (std::size_t i = 0; i + 1 < digits.size(); ++i) {
    const std::int64_t over = digits[i] >> 32;  // rounds down, also below zero
    digits[i] &= 0xffffffff;
    digits[i + 1] += over;
  }
}

double ExactSum::value() const {
  if (has_nan_ || (has_infinity_ && has_minus_infinity_)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (has_infinity_) return std::numeric_limits<double>::infinity();
  if (has_minus_infinity_) return -std::numeric_limits<double>::infinity();

  Digits digits = digits_;
  carry(digits);
  const bool is_negative = digits.back() < 0;
  if (is_negative) {
    for (std::int64_t& digit : digits) digit = -digit;
    carry(digits);
  }

  int top = kDigits - 1;
  while (top > 0 && digits[static_cast<std::size_t>(top)] == 0) --top;
  Uint128 head = 0;  // the four highest digits, and in the lowest bit whether any bit follows
  for (int i = top; i > top - 4; --i) {
    head = (head << 32) |
           (i >= 0 ? static_cast<std::uint64_t>(digits[static_cast<std::size_t>(i)]) : 0);
  }
  for (int i = top - 4; i >= 0; --i) {
    if (digits[static_cast<std::size_t>(i)] != 0) head |= 1;
  }
  const double magnitude = std::ldexp(static_cast<double>(head), 32 * (top - 3) + kLowestExponent);
  return is_negative ? -magnitude : magnitude;
}

}  // namespace polarway::cli
