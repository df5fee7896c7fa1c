#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace polarway::json {

/// A JSON number, without loss.
struct Number {
  std::string_view text;
  bool is_integer = true;  ///< Neither point nor exponent.
  bool is_negative = false;
  bool is_long = false;       ///< The digits do not fit `digits`.
  std::uint64_t digits = 0;   ///< All of them, as one integer.
  std::int64_t exponent = 0;  ///< The value is digits * 10^exponent.

  /// False when it is no integer or does not fit.
  bool to_int64(std::int64_t& out) const;
  bool to_uint64(std::uint64_t& out) const;
  /// The nearest double, but false as parse_double() has it: integers that it would change, numbers
  /// too large, and those that would become zero.
  bool to_double(double& out) const;
};

/// Reads a number as RFC 8259 writes it; false for any other text.
bool read_number(std::string_view text, Number& out);

/// The same for most numbers, which are short and have no exponent; false for all others, too.
inline bool read_short_number(std::string_view text, Number& out) {
  constexpr std::size_t kMost = 18;  // so many digits fit, whatever they are
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || text.size() > kMost) return false;
  out.text = text;
  out.is_negative = text.front() == '-';
  const std::size_t begin = out.is_negative ? 1 : 0;
  std::size_t at = begin;
  std::uint64_t digits = 0;
  const auto take = [&] {
    for (; at < text.size() && is_digit(text[at]); ++at) {
      digits = digits * 10 + static_cast<std::uint64_t>(text[at] - '0');
    }
  };
  take();
  if (at == begin || (at > begin + 1 && text[begin] == '0')) return false;
  if (at < text.size()) {
    if (text[at] != '.') return false;
    const std::size_t point = at++;
    take();
    if (at == point + 1 || at < text.size()) return false;
    out.is_integer = false;
    out.exponent = -static_cast<std::int64_t>(at - point - 1);
  }
  out.digits = digits;
  return true;
}

}  // namespace polarway::json
