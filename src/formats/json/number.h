#pragma once

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

}  // namespace polarway::json
