#pragma once

#include <arrow/type.h>
#include <arrow/util/decimal.h>

#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "formats/json/number.h"
#include "formats/json/value.h"
#include "formats/parse_value.h"

namespace polarway::json {

/// What a token means in a column of one type:
///
///     using type = ...;                                     // as the buffer has it; bool: bits
///     bool read(std::string_view token, type& out) const;   // false: not exactly
/// @{

struct BooleanReader {
  using type = bool;
  static bool read(std::string_view token, bool& out) {
    out = token == "true";
    return out || token == "false";
  }
};

template <class T>
struct IntegerReader {
  using type = T;
  static bool read(std::string_view token, T& out) {
    Number number;
    if (!read_short_number(token, number) && !read_number(token, number)) return false;
    if constexpr (std::is_unsigned_v<T>) {
      std::uint64_t value = 0;
      if (!number.to_uint64(value) || value > std::numeric_limits<T>::max()) return false;
      out = static_cast<T>(value);
    } else {
      std::int64_t value = 0;
      if (!number.to_int64(value) || value < std::numeric_limits<T>::min() ||
          value > std::numeric_limits<T>::max()) {
        return false;
      }
      out = static_cast<T>(value);
    }
    return true;
  }
};

struct DoubleReader {
  using type = double;
  static bool read(std::string_view token, double& out) {
    Number number;
    return (read_short_number(token, number) || read_number(token, number)) &&
           number.to_double(out);
  }
};

struct FloatReader {
  using type = float;
  static bool read(std::string_view token, float& out) {
    Number number;
    return read_number(token, number) && parse_float(token, out);
  }
};

/// Between the quotes of a string without escapes, as dates and decimals have none; else nothing.
inline std::string_view plain_text(std::string_view token) {
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return {};
  return within_quotes(token);
}

struct DecimalReader {
  using type = arrow::Decimal128;
  int precision;
  int scale;
  bool read(std::string_view token, type& out) const {
    const std::string_view text = token.starts_with('"') ? plain_text(token) : token;
    Number number;
    return read_number(text, number) && parse_decimal(text, precision, scale, out);
  }
};

struct DateReader {
  using type = std::int32_t;
  static bool read(std::string_view token, type& out) { return parse_date(plain_text(token), out); }
};

template <class T, std::int64_t kTicks>
struct TimeReader {
  using type = T;
  static bool read(std::string_view token, T& out) {
    TextTime time;
    std::int64_t ticks = 0;
    if (!parse_time(plain_text(token), time) ||
        !to_ticks<kTicks>(time.seconds, time.nanos, ticks)) {
      return false;
    }
    out = static_cast<T>(ticks);
    return true;
  }
};

/// A text that says its zone and a column of none do not fit, nor does the reverse.
template <std::int64_t kTicks>
struct TimestampReader {
  using type = std::int64_t;
  bool has_zone;
  bool read(std::string_view token, type& out) const {
    TextTime time;
    return parse_timestamp(plain_text(token), time) && time.has_zone == has_zone &&
           to_ticks<kTicks>(time.epoch_seconds(), time.nanos, out);
  }
};

/// @}

}  // namespace polarway::json
