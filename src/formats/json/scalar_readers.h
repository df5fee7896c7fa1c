#pragma once

#include <arrow/type.h>
#include <arrow/util/decimal.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

#include "formats/json/number.h"
#include "formats/json/plain_text.h"
#include "formats/json/value.h"
#include "formats/parse_value.h"
#include "formats/quick_value.h"
#include "formats/swar.h"

namespace polarway::json {

/// What a token means in a column of one type:
///
///     using type = ...;                                     // as the buffer has it; bool: bits
///     bool read(std::string_view token, type& out) const;   // false: not exactly
///
/// and, where most values can be read quickly, out of a text of which kQuickPadding bytes on either
/// side of `at` can be read:
///
///     // The value that begins at `at`; what stands behind it. Null: nothing is known.
///     const char* take(const char* at, type& out) const;
/// @{

/// The number that begins at `at`; its end is null where it is a long one.
[[gnu::always_inline]] inline FieldText short_number(const char* at) {
  return {at, short_token_end(at)};
}
/// Whether a number that a quick reader takes has digits at both ends, as it must in JSON.
[[gnu::always_inline]] inline bool has_digits_around(FieldText number) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return is_digit(number.begin[*number.begin == '-']) && is_digit(number.end[-1]);
}

struct BooleanReader {
  using type = bool;
  static bool read(std::string_view token, bool& out) {
    out = token == "true";
    return out || token == "false";
  }
  [[gnu::always_inline]] static const char* take(const char* at, bool& out) {
    const std::uint64_t word = swar::load(at);
    out = static_cast<std::uint32_t>(word) == 0x65757274;
    const bool is_false = (word & 0xFFFFFFFFFF) == 0x65736c6166;
    return out || is_false ? at + 4 + is_false : nullptr;
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
  [[gnu::always_inline]] static const char* take(const char* at, T& out) {
    const FieldText number = short_number(at);
    std::int64_t value = 0;
    if (number.end == nullptr || !quick_int64(number, value)) return nullptr;
    out = static_cast<T>(value);
    return std::in_range<T>(value) ? number.end : nullptr;
  }
};

struct DoubleReader {
  using type = double;
  static bool read(std::string_view token, double& out) {
    Number number;
    return (read_short_number(token, number) || read_number(token, number)) &&
           number.to_double(out);
  }
  [[gnu::always_inline]] static const char* take(const char* at, double& out) {
    const FieldText number = short_number(at);
    const bool is_known =
        number.end != nullptr && has_digits_around(number) && quick_double(number, out);
    return is_known ? number.end : nullptr;
  }
};

struct FloatReader {
  using type = float;
  static bool read(std::string_view token, float& out) {
    Number number;
    return read_number(token, number) && parse_float(token, out);
  }
  [[gnu::always_inline]] static const char* take(const char* at, float& out) {
    const FieldText number = short_number(at);
    const bool is_known =
        number.end != nullptr && has_digits_around(number) && quick_float(number, out);
    return is_known ? number.end : nullptr;
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
  const char* take(const char* at, type& out) const {
    const FieldText number = short_number(at);
    std::int64_t value = 0;
    if (number.end == nullptr || !has_digits_around(number) ||
        has_leading_zero({number.begin, number.end}) ||
        !quick_decimal(number, precision, scale, value)) {
      return nullptr;
    }
    out = value;
    return number.end;
  }
};

struct DateReader {
  using type = std::int32_t;
  static bool read(std::string_view token, type& out) { return parse_date(plain_text(token), out); }
  [[gnu::always_inline]] static const char* take(const char* at, type& out) {
    const bool is_known = at[0] == '"' && at[11] == '"' && quick_date(at + 1, out);
    return is_known ? at + 12 : nullptr;
  }
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
  [[gnu::always_inline]] const char* take(const char* at, type& out) const {
    const std::uint32_t found = text_marks(at + 1);
    if (*at != '"' || found == 0) return nullptr;
    const char* const close = at + 1 + std::countr_zero(found);
    QuickTime time;
    const bool is_known = *close == '"' && quick_timestamp({at + 1, close}, has_zone, time) &&
                          to_ticks<kTicks>(time.seconds, time.nanos, out);
    return is_known ? close + 1 : nullptr;
  }
};

/// @}

}  // namespace polarway::json
