#include "formats/json/number.h"

#include <algorithm>
#include <cstddef>

#include "formats/parse_value.h"

namespace polarway::json {
namespace {

// Powers of ten that a double holds exactly.
constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t kLargestExact = std::uint64_t{1} << 53;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes digits from `at` on; says how many.
std::size_t take_digits(std::string_view text, std::size_t at, Number& number) {
  const std::size_t begin = at;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    const auto digit = static_cast<std::uint64_t>(text[at] - '0');
    std::uint64_t more = 0;
    if (__builtin_mul_overflow(number.digits, std::uint64_t{10}, &more) ||
        __builtin_add_overflow(more, digit, &more)) {
      number.is_long = true;
    } else {
      number.digits = more;
    }
  }
  return at - begin;
}

// Takes an exponent; false when it is none.
bool take_exponent(std::string_view text, std::size_t& at, Number& number) {
  const bool is_negative = at < text.size() && text[at] == '-';
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  const std::size_t begin = at;
  std::int64_t exponent = 0;
  constexpr std::int64_t kBeyondAll = 1'000'000;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    exponent = std::min(kBeyondAll, exponent * 10 + (text[at] - '0'));
  }
  number.exponent += is_negative ? -exponent : exponent;
  return at > begin;
}

}  // namespace

bool read_number(std::string_view text, Number& out) {
  out = {.text = text};
  std::size_t at = 0;
  if (at < text.size() && text[at] == '-') {
    out.is_negative = true;
    ++at;
  }
  const std::size_t begin = at;
  const std::size_t num_digits = take_digits(text, at, out);
  if (num_digits == 0 || (num_digits > 1 && text[begin] == '0')) return false;
  at += num_digits;
  if (at < text.size() && text[at] == '.') {
    out.is_integer = false;
    const std::size_t num_decimals = take_digits(text, at + 1, out);
    if (num_decimals == 0) return false;
    out.exponent = -static_cast<std::int64_t>(num_decimals);
    at += 1 + num_decimals;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    out.is_integer = false;
    if (!take_exponent(text, ++at, out)) return false;
  }
  return at == text.size();
}

bool Number::to_int64(std::int64_t& out) const {
  constexpr auto kMost = static_cast<std::uint64_t>(INT64_MAX);
  if (!is_integer || is_long || digits > kMost + (is_negative ? 1 : 0)) return false;
  out = static_cast<std::int64_t>(is_negative ? 0 - digits : digits);
  return true;
}

bool Number::to_uint64(std::uint64_t& out) const {
  if (!is_integer || is_long || (is_negative && digits > 0)) return false;
  out = digits;
  return true;
}

bool Number::to_double(double& out) const {
  constexpr std::int64_t kMostTens = 22;
  if (!is_long && digits <= kLargestExact && exponent >= -kMostTens && exponent <= kMostTens) {
    // Both are exact, so that there is one rounding, as there should be.
    const auto whole = static_cast<double>(digits);
    const double value =
        exponent < 0 ? whole / kPowersOfTen[-exponent] : whole * kPowersOfTen[exponent];
    out = is_negative ? -value : value;
    return true;
  }
  return parse_double(text, out);
}

}  // namespace polarway::json
