#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <cstdint>

namespace polarway {

/// Values as text that the CSV reader, and others, read back as the same value. Each function
/// writes at `out`, where kMaxCsvCell bytes must be free, and returns one past the last byte
/// written; null when the value has no text.
///
/// Days and timestamps have one within the years 0000 to 9999 of the proleptic Gregorian calendar.
/// @{

inline constexpr std::size_t kMaxCsvCell = 128;

char* write_int(char* out, std::int64_t value);
char* write_uint(char* out, std::uint64_t value);
/// The shortest text that reads back as the same value of the same width. Integral values end in
/// ".0", so that a reader that infers types sees floats: 1.0, 1e+22, NaN, inf, -inf.
char* write_float(char* out, double value);
char* write_float(char* out, float value);
/// YYYY-MM-DD. `days` since 1970-01-01.
char* write_date(char* out, std::int64_t days);
/// HH:MM:SS, with as many digits of the second as the unit has unless they are zeros. `value` since
/// midnight.
char* write_time(char* out, std::int64_t value, arrow::TimeUnit::type unit);
/// Date and time joined by 'T', and 'Z' when it is in UTC. `value` since 1970-01-01.
char* write_timestamp(char* out, std::int64_t value, arrow::TimeUnit::type unit, bool utc);
/// Decimal128 as plain digits, such as -0.05; -38 <= scale <= 38. `bytes`: 16, little endian.
char* write_decimal(char* out, const std::uint8_t* bytes, int scale);

/// @}

}  // namespace polarway
