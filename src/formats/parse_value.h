#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <string_view>

namespace polarway {

/// What a text says of a day and a time.
struct TextTime {
  std::int32_t days = 0;     ///< Since 1970-01-01.
  std::int32_t seconds = 0;  ///< Of the day.
  std::int32_t nanos = 0;    ///< Of the second.
  std::int32_t offset = 0;   ///< Seconds east of Greenwich, if it says so.
  bool has_zone = false;     ///< Whether it does.

  /// Since 1970-01-01; in UTC if the text says where, else as the clocks there show it.
  std::int64_t epoch_seconds() const { return std::int64_t{days} * 86'400 + seconds - offset; }
};

/// Readers of one field's text, without surrounding blanks. Each takes the whole text or returns
/// false and leaves `out` unspecified; none rounds in silence, overflows, or allocates.
/// @{

/// Optional sign and decimal digits that fit 64 bits. Leading zeros are allowed.
bool parse_int64(std::string_view text, std::int64_t& out);
bool parse_uint64(std::string_view text, std::uint64_t& out);

/// Decimal or scientific notation, "inf", "infinity" and "nan" in any case. Rounds to the nearest
/// double as IEEE 754 has it; but refuses integers that a double cannot hold exactly (2^53 + 1,
/// 20-digit identifiers), finite text that would become infinite, and text that is not zero and
/// would become so.
bool parse_double(std::string_view text, double& out);
/// The same, to the nearest float: 2^24 + 1 is refused.
bool parse_float(std::string_view text, float& out);

/// Decimal or scientific notation as `whole` / 10^`scale`, exactly: at most `precision` (up to 38)
/// digits, and no decimals beyond the scale but zeros.
bool parse_decimal(std::string_view text, int precision, int scale, arrow::Decimal128& out);

/// true, True, TRUE, false, False, FALSE.
bool parse_bool(std::string_view text, bool& out);

/// YYYY-MM-DD, a day that exists, as days since 1970-01-01.
bool parse_date(std::string_view text, std::int32_t& out);

/// HH:MM[:SS[.fraction]]. Fractions finer than a nanosecond are refused unless they are zeros; so
/// are leap seconds.
bool parse_time(std::string_view text, TextTime& out);

/// A date, 'T' or blank, a time, then nothing, 'Z' or an offset (+HH:MM, +HHMM, +HH).
bool parse_timestamp(std::string_view text, TextTime& out);

/// @}

/// A time in units of which a second has `kTicks`; false if it would lose something.
template <std::int64_t kTicks>
[[gnu::always_inline]] inline bool to_ticks(std::int64_t seconds, std::int64_t nanos,
                                            std::int64_t& out) {
  constexpr std::int64_t kNanos = 1'000'000'000;
  constexpr std::int64_t kNanosPerTick = kNanos / kTicks;
  if (kNanosPerTick > 1 && nanos % kNanosPerTick != 0) return false;
  if constexpr (kTicks == kNanos) {  // the only unit in which years of four digits overflow
    // Before 1970 the seconds alone may be just beyond what together still fits.
    if (seconds < 0 && nanos > 0) {
      ++seconds;
      nanos -= kNanos;
    }
    return !__builtin_mul_overflow(seconds, kTicks, &out) &&
           !__builtin_add_overflow(out, nanos, &out);
  }
  out = seconds * kTicks + nanos / kNanosPerTick;
  return true;
}

/// Without the blanks and tabs around it.
std::string_view trimmed(std::string_view text);

/// Whether a number begins with a zero that a numeric type would lose: "007", "-01", not "0.5".
bool has_leading_zero(std::string_view text);

}  // namespace polarway
