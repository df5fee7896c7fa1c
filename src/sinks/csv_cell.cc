#include "sinks/csv_cell.h"

#include <arrow/type.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <string_view>

namespace polarway {
namespace {

__extension__ using Uint128 = unsigned __int128;

constexpr std::int64_t kFirstDay = -719'528;  // 0000-01-01
constexpr std::int64_t kLastDay = 2'932'896;  // 9999-12-31
constexpr std::int64_t kSecondsPerDay = 86'400;

char* copy(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* write_digits(char* out, std::int64_t value, int num_digits) {
  for (int i = num_digits - 1; i >= 0; --i, value /= 10) {
    out[i] = static_cast<char>('0' + value % 10);
  }
  return out + num_digits;
}

int digits_of(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return 0;
    case arrow::TimeUnit::MILLI:
      return 3;
    case arrow::TimeUnit::MICRO:
      return 6;
    case arrow::TimeUnit::NANO:
      return 9;
  }
  return 0;
}

std::int64_t per_second(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return 1;
    case arrow::TimeUnit::MILLI:
      return 1'000;
    case arrow::TimeUnit::MICRO:
      return 1'000'000;
    case arrow::TimeUnit::NANO:
      return 1'000'000'000;
  }
  return 1;
}

struct Floored {
  std::int64_t quotient;
  std::int64_t remainder;  // never negative
};

Floored divide_down(std::int64_t value, std::int64_t by) {
  const std::int64_t remainder = value % by;
  if (remainder >= 0) return {value / by, remainder};
  return {value / by - 1, remainder + by};
}

template <class Float>
char* write_any_float(char* out, Float value) {
  if (std::isnan(value)) return copy(out, "NaN");
  if (std::isinf(value)) return copy(out, value < 0 ? "-inf" : "inf");
  char* const end = std::to_chars(out, out + kMaxCsvCell, value).ptr;
  const bool looks_integral =
      std::all_of(out, end, [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
  return looks_integral ? copy(end, ".0") : end;
}

}  // namespace

char* write_int(char* out, std::int64_t value) {
  return std::to_chars(out, out + kMaxCsvCell, value).ptr;
}

char* write_uint(char* out, std::uint64_t value) {
  return std::to_chars(out, out + kMaxCsvCell, value).ptr;
}

char* write_float(char* out, double value) { return write_any_float(out, value); }
char* write_float(char* out, float value) { return write_any_float(out, value); }

char* write_date(char* out, std::int64_t days) {
  if (days < kFirstDay || days > kLastDay) return nullptr;
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(days)}}};
  out = write_digits(out, static_cast<int>(date.year()), 4);
  *out++ = '-';
  out = write_digits(out, static_cast<unsigned>(date.month()), 2);
  *out++ = '-';
  return write_digits(out, static_cast<unsigned>(date.day()), 2);
}

char* write_time(char* out, std::int64_t value, arrow::TimeUnit::type unit) {
  const auto [seconds, fraction] = divide_down(value, per_second(unit));
  if (seconds < 0 || seconds >= kSecondsPerDay) return nullptr;
  out = write_digits(out, seconds / 3'600, 2);
  *out++ = ':';
  out = write_digits(out, seconds / 60 % 60, 2);
  *out++ = ':';
  out = write_digits(out, seconds % 60, 2);
  if (fraction == 0) return out;
  *out++ = '.';
  return write_digits(out, fraction, digits_of(unit));
}

char* write_timestamp(char* out, std::int64_t value, arrow::TimeUnit::type unit, bool utc) {
  const auto [day, rest] = divide_down(value, kSecondsPerDay * per_second(unit));
  out = write_date(out, day);
  if (out == nullptr) return nullptr;
  *out++ = 'T';
  out = write_time(out, rest, unit);
  if (utc) *out++ = 'Z';
  return out;
}

char* write_decimal(char* out, const std::uint8_t* bytes, int scale) {
  Uint128 magnitude = 0;
  std::memcpy(&magnitude, bytes, sizeof magnitude);
  if ((bytes[15] & 0x80) != 0) {
    *out++ = '-';
    magnitude = ~magnitude + 1;
  }
  char digits[40];
  char* first = digits + sizeof digits;
  char* const last = first;
  do {
    *--first = static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  } while (magnitude != 0);
  while (last - first <= scale) *--first = '0';  // at least one digit before the point
  const char* const point = last - std::max(scale, 0);
  out = copy(out, {first, static_cast<std::size_t>(point - first)});
  if (scale > 0) {
    *out++ = '.';
    out = copy(out, {point, static_cast<std::size_t>(last - point)});
  }
  if (scale < 0 && *first != '0') {
    std::memset(out, '0', static_cast<std::size_t>(-scale));
    out -= scale;
  }
  return out;
}

}  // namespace polarway
