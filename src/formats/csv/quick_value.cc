#include "formats/csv/quick_value.h"

#include <fast_float/fast_float.h>

#include <algorithm>
#include <cstring>

namespace polarway::csv {
namespace {

constexpr std::array<std::uint64_t, 20> kPowers = [] {
  std::array<std::uint64_t, 20> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

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
  const bool negative = *text.begin == '-';
  const char* first = text.begin + negative;
  const auto size = static_cast<std::size_t>(text.end - first);
  const auto* point = static_cast<const char*>(std::memchr(first, '.', size));
  const bool leading_zero = *first == '0' && first + 1 != point;
  // Integers that long may not be exact. Besides a point there are at most 19 digits, which 64 bits
  // hold.
  if (point == nullptr || point == first || point + 1 == text.end || leading_zero) return false;
  std::uint64_t bad = 0;
  const auto num_decimals = static_cast<std::size_t>(text.end - point - 1);
  const std::uint64_t whole = quick_digits(point, static_cast<std::size_t>(point - first), bad);
  const std::uint64_t decimals = quick_digits(text.end, num_decimals, bad);
  if (bad != 0) return false;
  const std::uint64_t digits = whole * kPowers[num_decimals] + decimals;
  using Format = fast_float::binary_format<double>;
  const fast_float::adjusted_mantissa nearest =
      fast_float::compute_float<Format>(-static_cast<std::int64_t>(num_decimals), digits);
  if (nearest.power2 < 0) return false;  // too near to the middle between two doubles
  const std::uint64_t bits = nearest.mantissa | (static_cast<std::uint64_t>(nearest.power2) << 52) |
                             (static_cast<std::uint64_t>(negative) << 63);
  std::memcpy(&out, &bits, sizeof out);
  return true;
}

}  // namespace polarway::csv
