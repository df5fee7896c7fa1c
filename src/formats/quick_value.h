#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "formats/swar.h"

namespace polarway {

/// Readers of what most fields look like, a few nanoseconds each.
///
/// True: `out` is what the reader of parse_value.h makes of the text [begin, end). False: nothing
/// is known, and that reader is to be asked. Numbers with leading zeros are among what it is to be
/// asked about. The kQuickPadding bytes before the text and behind it must be readable.
/// @{

inline constexpr std::size_t kQuickPadding = 32;

/// The text of one field.
struct FieldText {
  const char* begin;
  const char* end;

  std::size_t size() const { return static_cast<std::size_t>(end - begin); }
};

/// Up to 19 digits that are there to their last; `count` is 1 to 24. Sets `bad` when some is none.
[[gnu::always_inline]] inline std::uint64_t quick_digits(const char* end, std::size_t count,
                                                         std::uint64_t& bad) {
  const std::uint64_t mask = swar::last_bytes(count < 8 ? count : 8);
  const std::uint64_t last = swar::to_digits(swar::load(end - 8)) & mask;
  bad |= swar::above_nine(last);
  std::uint64_t value = swar::value_of(last);
  if (count > 8) {
    const std::uint64_t middle_mask = swar::last_bytes(count < 16 ? count - 8 : 8);
    const std::uint64_t middle = swar::to_digits(swar::load(end - 16)) & middle_mask;
    bad |= swar::above_nine(middle);
    value += swar::value_of(middle) * 100'000'000;
    if (count > 16) {
      const std::uint64_t first =
          swar::to_digits(swar::load(end - 24)) & swar::last_bytes(count - 16);
      bad |= swar::above_nine(first);
      value += swar::value_of(first) * 10'000'000'000'000'000;
    }
  }
  return value;
}

/// Digits and their sign. As parse_int64().
[[gnu::always_inline]] inline bool quick_int64(FieldText text, std::int64_t& out) {
  const bool negative = *text.begin == '-';
  const char* first = text.begin + negative;
  const auto count = static_cast<std::size_t>(text.end - first);
  if (count - 1 >= 19 || (*first == '0' && count > 1)) return false;  // none at all wraps around
  std::uint64_t bad = 0;
  const std::uint64_t value = quick_digits(text.end, count, bad);
  out = static_cast<std::int64_t>(negative ? 0 - value : value);
  constexpr auto kMost = static_cast<std::uint64_t>(INT64_MAX);
  return bad == 0 && value <= kMost + (negative ? 1 : 0);
}

namespace detail {
/// Powers of ten that a double holds exactly.
inline constexpr std::array<double, 23> kPowersOfTen = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// Which bytes of sixteen are digits, by how many there are: of the eight before, and of the last.
struct DigitMask {
  std::uint64_t before;
  std::uint64_t last;
};
inline constexpr std::array<DigitMask, 17> kDigitMasks = [] {
  std::array<DigitMask, 17> masks{};
  for (std::size_t count = 1; count <= 16; ++count) {
    masks[count].last = ~std::uint64_t{0} << (count < 8 ? 64 - 8 * count : 0);
    if (count > 8) masks[count].before = ~std::uint64_t{0} << (128 - 8 * count);
  }
  return masks;
}();
}  // namespace detail

/// As quick_double(), where there are up to 19 digits, or an exponent.
bool quick_long_double(FieldText text, double& out);

/// Digits, their sign, a decimal point and an exponent. As parse_double().
[[gnu::always_inline]] inline bool quick_double(FieldText text, double& out) {
  using detail::kDigitMasks;
  const bool negative = *text.begin == '-';
  const char* first = text.begin + negative;
  const auto size = static_cast<std::size_t>(text.end - first);
  if (size - 1 >= 16) [[unlikely]]
    return quick_long_double(text, out);
  if (*first == '0' && size > 1 && first[1] != '.') return false;
  std::uint64_t last = swar::load(text.end - 8);
  const detail::DigitMask* mask = &kDigitMasks[size];
  const std::uint64_t point = swar::zero_bytes((last ^ swar::repeat('.')) | ~mask->last);
  std::size_t num_decimals = 0;
  const char* before = text.end - 16;
  if (point != 0) [[likely]] {
    // The digits before the point move one place on, over it.
    const std::uint64_t through_point = point ^ (point - 1);
    last = (last & ~through_point) | ((last << 8) & through_point) |
           static_cast<std::uint8_t>(text.end[-9]);
    num_decimals = static_cast<std::size_t>(63 - std::countr_zero(point)) / 8;
    --mask;
    --before;
  }
  last = swar::to_digits(last) & mask->last;
  std::uint64_t bad = swar::above_nine(last);
  std::uint64_t digits = swar::value_of(last);
  if (mask->before != 0) {
    const std::uint64_t first_digits = swar::to_digits(swar::load(before)) & mask->before;
    bad |= swar::above_nine(first_digits);
    digits += swar::value_of(first_digits) * 100'000'000;
  }
  // Up to 2^53 and a power of ten up to 10^22 are both exact doubles, so one division of them
  // rounds correctly (Clinger 1990, "How to read floating point numbers accurately").
  const double value =
      static_cast<double>(static_cast<std::int64_t>(digits)) / detail::kPowersOfTen[num_decimals];
  out = std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) ^
                              (static_cast<std::uint64_t>(negative) << 63));
  const bool is_exact = bad == 0 && digits <= (std::uint64_t{1} << 53) && mask->last != 0;
  return is_exact || quick_long_double(text, out);
}

/// As quick_double(), to the nearest float. As parse_float().
///
/// By way of the nearest double, unless rounding twice could differ from rounding once: where the
/// double is in the middle between two floats. Large integers may not be exact.
[[gnu::always_inline]] inline bool quick_float(FieldText text, float& out) {
  constexpr double kLargest = 16'777'216;  // up to here all integers are floats
  constexpr double kSmallest = std::numeric_limits<float>::min();
  constexpr std::uint64_t kDropped = (std::uint64_t{1} << 29) - 1;
  constexpr std::uint64_t kMiddle = std::uint64_t{1} << 28;
  double value = 0;
  if (!quick_double(text, value)) return false;
  out = static_cast<float>(value);
  const double size = std::abs(value);
  return (std::bit_cast<std::uint64_t>(value) & kDropped) != kMiddle &&
         ((size >= kSmallest && size <= kLargest) || value == 0);
}

/// Digits, their sign and a decimal point, as a multiple of 10^-`scale`. As parse_decimal().
bool quick_decimal(FieldText text, int precision, int scale, std::int64_t& out);

/// true and false, with a small or a capital first letter. As parse_bool().
[[gnu::always_inline]] inline bool quick_bool(FieldText text, bool& out) {
  const std::uint64_t word = swar::load(text.begin) | 0x20;
  const std::size_t size = text.size();
  out = size == 4 && static_cast<std::uint32_t>(word) == 0x65757274;
  const bool is_false = size == 5 && (word & 0xFFFFFFFFFF) == 0x65736c6166;
  return out || is_false;
}

namespace detail {
/// Days before a month in a year of 365 and of 366 days; the entry after a month is that month's
/// end, and 0 where there is no such month.
inline constexpr std::array<std::array<std::uint16_t, 16>, 2> kDaysBefore = {
    {{0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
     {0, 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366}}};
}  // namespace detail

/// The ten characters YYYY-MM-DD at `begin`. As parse_date().
[[gnu::always_inline]] inline bool quick_date(const char* begin, std::int32_t& out) {
  // "YYYY-MM-" and "YY-MM-DD": dashes become 0, and anything else there more.
  constexpr std::uint64_t kFirst = 0x2D30302D30303030;
  constexpr std::uint64_t kFirstRoom = 0x7F76767F76767676;  // what may be added without a carry
  const std::uint64_t first = swar::load(begin) ^ kFirst;
  const std::uint64_t second = swar::to_digits(swar::load(begin + 2));
  constexpr std::uint64_t kDay = 0xFFFF000000000000;
  const std::uint64_t bad =
      (((first + kFirstRoom) | first) & swar::repeat(0x80)) | (swar::above_nine(second & kDay));
  const std::uint64_t numbers = swar::pairs(first);
  const std::uint32_t century = swar::byte_of(numbers, 0);
  const std::uint32_t year_of_century = swar::byte_of(numbers, 2);
  const std::uint32_t month = swar::byte_of(numbers, 5);
  const std::uint32_t day = swar::byte_of(second, 6) * 10 + swar::byte_of(second, 7);
  const std::uint32_t year = century * 100 + year_of_century;
  const bool leap = ((year_of_century != 0 ? year_of_century : century) & 3) == 0;
  const auto& before = detail::kDaysBefore[leap ? 1 : 0];
  const std::uint32_t days_before_month = before[month & 15];
  const std::uint32_t days_through_month = before[(month + 1) & 15];
  // Leap days before the year: of its fours, less those of centuries, plus those of their fours.
  const std::uint32_t centuries = century + (year_of_century != 0 ? 1 : 0);
  const std::uint32_t leap_days = (year + 3) / 4 - centuries + (centuries + 3) / 4;
  out = static_cast<std::int32_t>(year * 365 + leap_days + days_before_month + day - 1) - 719'528;
  return bad == 0 && month <= 12 && day != 0 && days_before_month + day <= days_through_month;
}

/// A point in time, in UTC where its text says so.
struct QuickTime {
  std::int64_t seconds = 0;  ///< Since 1970-01-01.
  std::int64_t nanos = 0;    ///< Of the second.
};

/// YYYY-MM-DD HH:MM:SS with up to eight decimals; a 'Z' at its end if `zone`, else nothing. As
/// parse_timestamp().
[[gnu::always_inline]] inline bool quick_timestamp(FieldText text, bool zone, QuickTime& out) {
  std::size_t size = text.size();
  if (zone) {
    if (text.end[-1] != 'Z') return false;
    --size;
  }
  if (size < 19 || (text.begin[10] != ' ' && text.begin[10] != 'T')) return false;
  std::int32_t days = 0;
  if (!quick_date(text.begin, days)) return false;
  constexpr std::uint64_t kTime = 0x30303A30303A3030;  // "00:00:00"
  constexpr std::uint64_t kRoom = 0x76767F76767F7676;
  const std::uint64_t digits = swar::load(text.begin + 11) ^ kTime;
  if ((((digits + kRoom) | digits) & swar::repeat(0x80)) != 0) return false;
  const std::uint64_t numbers = swar::pairs(digits);
  const std::uint32_t hour = swar::byte_of(numbers, 0);
  const std::uint32_t minute = swar::byte_of(numbers, 3);
  const std::uint32_t second = swar::byte_of(numbers, 6);
  if (hour > 23 || minute > 59 || second > 59) return false;
  out.seconds = std::int64_t{days} * 86'400 + hour * 3'600 + minute * 60 + second;
  out.nanos = 0;
  if (size == 19) return true;
  const std::size_t num_decimals = size - 20;
  if (text.begin[19] != '.' || num_decimals - 1 >= 8) return false;
  constexpr std::array<std::int64_t, 9> kNanos = {
      0, 100'000'000, 10'000'000, 1'000'000, 100'000, 10'000, 1'000, 100, 10};
  std::uint64_t bad = 0;
  const std::uint64_t decimals = quick_digits(text.begin + size, num_decimals, bad);
  out.nanos = static_cast<std::int64_t>(decimals) * kNanos[num_decimals];
  return bad == 0;
}

/// @}

}  // namespace polarway
