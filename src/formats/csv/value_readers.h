#pragma once

#include <arrow/util/decimal.h>

#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "formats/csv/quick_doubles.h"
#include "formats/csv/quick_integers.h"
#include "formats/csv/value_rules.h"
#include "formats/parse_value.h"
#include "formats/quick_value.h"

namespace polarway::csv {

/// What FixedColumn takes: readers of one field for each type there is.

template <class T>
struct IntegerReader {
  using type = T;

  bool inferred;  ///< Then leading zeros, which would be lost, do not fit.

  [[gnu::always_inline]] static bool quick(FieldText field, T& out) {
    std::int64_t value = 0;
    if (!quick_int64(field, value)) return false;
    out = static_cast<T>(value);
    return std::is_same_v<T, std::int64_t> || is_exact(value);
  }
  static std::int64_t quick_many(const FieldBatch& batch, std::int64_t from, T* out)
    requires std::is_same_v<T, std::int64_t>
  {
    return quick_int64s(batch, from, out);
  }
  bool read(std::string_view text, T& out) const {
    if (inferred && has_leading_zero(text)) return false;
    if constexpr (std::is_same_v<T, std::uint64_t>) {
      return parse_uint64(text, out);
    } else {
      std::int64_t value = 0;
      if (!parse_int64(text, value)) return false;
      out = static_cast<T>(value);
      return is_exact(value);
    }
  }

 private:
  static bool is_exact(std::int64_t value) {
    if constexpr (std::is_same_v<T, std::uint64_t>) return value >= 0;
    return value >= static_cast<std::int64_t>(std::numeric_limits<T>::min()) &&
           value <= static_cast<std::int64_t>(std::numeric_limits<T>::max());
  }
};

struct DoubleReader {
  using type = double;

  bool inferred;

  [[gnu::always_inline]] static bool quick(FieldText field, double& out) {
    return quick_double(field, out);
  }
  static std::int64_t quick_many(const FieldBatch& batch, std::int64_t from, double* out) {
    return quick_doubles(batch, from, out);
  }
  bool read(std::string_view text, double& out) const {
    return parse_double(text, out) && !(inferred && has_leading_zero(text));
  }
};

struct FloatReader {
  using type = float;

  [[gnu::always_inline]] static bool quick(FieldText field, float& out) {
    return quick_float(field, out);
  }
  static bool read(std::string_view text, float& out) { return parse_float(text, out); }
};

struct DecimalReader {
  using type = arrow::Decimal128;

  int precision;
  int scale;

  bool quick(FieldText field, type& out) const {
    std::int64_t value = 0;
    if (!quick_decimal(field, precision, scale, value)) return false;
    out = value;
    return true;
  }
  bool read(std::string_view text, type& out) const {
    return parse_decimal(text, precision, scale, out);
  }
};

/// Numbers with a decimal comma or marks between thousands, for `Reader` to read.
template <class Reader>
struct MarkedReader {
  using type = typename Reader::type;

  Reader reader;
  NumberMarks marks;

  static bool quick(FieldText, type&) { return false; }
  bool read(std::string_view text, type& out) const {
    char room[NumberMarks::kMostCharacters];
    const std::optional<std::string_view> usual = marks.usual(text, room);
    return usual && reader.read(*usual, out);
  }
};

struct BooleanReader {
  using type = bool;

  [[gnu::always_inline]] static bool quick(FieldText field, bool& out) {
    return quick_bool(field, out);
  }
  static bool read(std::string_view text, bool& out) { return parse_bool(text, out); }
};

struct OwnBooleanReader {
  using type = bool;

  const ValueRules* rules;

  static bool quick(FieldText, bool&) { return false; }
  bool read(std::string_view text, bool& out) const { return rules->read_bool(text, out); }
};

struct DateReader {
  using type = std::int32_t;

  [[gnu::always_inline]] static bool quick(FieldText field, type& out) {
    return field.size() == 10 && quick_date(field.begin, out);
  }
  static bool read(std::string_view text, type& out) { return parse_date(text, out); }
};

struct FormattedDateReader {
  using type = std::int32_t;

  const ValueRules* rules;

  static bool quick(FieldText, type&) { return false; }
  bool read(std::string_view text, type& out) const { return rules->read_date(text, out); }
};

/// Time of day.
template <class T, std::int64_t kTicks>
struct TimeReader {
  using type = T;

  const ValueRules* rules;

  static bool quick(FieldText, T&) { return false; }
  bool read(std::string_view text, T& out) const {
    TextTime time;
    std::int64_t ticks = 0;
    if (!rules->read_time(text, time) || !to_ticks<kTicks>(time.seconds, time.nanos, ticks)) {
      return false;
    }
    out = static_cast<T>(ticks);
    return true;
  }
};

/// Timestamps. A text that says its zone and a column of none do not fit, nor does the reverse,
/// unless the rules say where it is meant: the point in time would change, or be a guess.
template <std::int64_t kTicks, bool kZone>
struct TimestampReader {
  using type = std::int64_t;

  const ValueRules* rules;

  [[gnu::always_inline]] static bool quick(FieldText field, type& out) {
    QuickTime time;
    return quick_timestamp(field, kZone, time) && to_ticks<kTicks>(time.seconds, time.nanos, out);
  }
  bool read(std::string_view text, type& out) const {
    TextTime time;
    if (!rules->read_timestamp(text, time)) return false;
    std::int64_t seconds = time.epoch_seconds();
    if (time.has_zone != kZone) {
      if (!kZone || !rules->time_zone) return false;
      const std::optional<std::int64_t> utc = rules->time_zone->to_utc(seconds);
      if (!utc) return false;
      seconds = *utc;
    }
    return to_ticks<kTicks>(seconds, time.nanos, out);
  }
};

/// The same where ISO 8601 is not how they are written, or clocks have to be asked.
template <std::int64_t kTicks, bool kZone>
struct SlowTimestampReader : TimestampReader<kTicks, kZone> {
  static bool quick(FieldText, std::int64_t&) { return false; }
};

}  // namespace polarway::csv
