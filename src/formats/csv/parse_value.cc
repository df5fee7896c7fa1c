#include "formats/csv/parse_value.h"

#include <fast_float/fast_float.h>

#include <array>
#include <charconv>
#include <cmath>

namespace polarway::csv {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Exactly `count` digits at text[at].
bool digits(std::string_view text, std::size_t at, int count, int& out) {
  if (text.size() < at + static_cast<std::size_t>(count)) return false;
  int value = 0;
  for (int i = 0; i < count; ++i) {
    const char c = text[at + static_cast<std::size_t>(i)];
    if (!is_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  out = value;
  return true;
}

// Days since 1970-01-01 in the proleptic Gregorian calendar: Howard Hinnant's days_from_civil
// ("chrono-Compatible Low-Level Date Algorithms").
std::int32_t days_from_civil(int year, int month, int day) {
  year -= month <= 2;
  const int era = (year >= 0 ? year : year - 399) / 400;
  const int year_of_era = year - era * 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

bool date_at_start(std::string_view text, std::int32_t& out) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (text.size() < 10 || text[4] != '-' || text[7] != '-' || !digits(text, 0, 4, year) ||
      !digits(text, 5, 2, month) || !digits(text, 8, 2, day)) {
    return false;
  }
  constexpr std::array<int, 13> kDays = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int last = kDays[static_cast<std::size_t>(month)] + (month == 2 && leap ? 1 : 0);
  if (day > last) return false;
  out = days_from_civil(year, month, day);
  return true;
}

// "Z", "+HH:MM", "+HHMM" or "+HH"; the offset in seconds.
bool parse_zone(std::string_view text, std::int64_t& seconds) {
  if (text == "Z" || text == "z") {
    seconds = 0;
    return true;
  }
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return false;
  int hours = 0;
  int minutes = 0;
  if (!digits(text, 1, 2, hours) || hours > 23) return false;
  const std::string_view rest = text.substr(3);
  if (!rest.empty()) {
    const std::size_t at = rest[0] == ':' ? 1 : 0;
    if (rest.size() != at + 2 || !digits(rest, at, 2, minutes) || minutes > 59) return false;
  }
  seconds = (hours * 60 + minutes) * 60 * (text[0] == '-' ? -1 : 1);
  return true;
}

}  // namespace

bool parse_int64(std::string_view text, std::int64_t& out) {
  if (text.empty()) return false;
  const bool signed_text = text[0] == '-' || text[0] == '+';
  const std::size_t num_digits = text.size() - (signed_text ? 1 : 0);
  if (num_digits == 0) return false;
  if (num_digits <= 18) {  // cannot overflow
    std::int64_t value = 0;
    for (std::size_t i = signed_text ? 1 : 0; i < text.size(); ++i) {
      if (!is_digit(text[i])) return false;
      value = value * 10 + (text[i] - '0');
    }
    out = text[0] == '-' ? -value : value;
    return true;
  }
  if (text[0] == '+') text.remove_prefix(1);
  if (text[0] == '+') return false;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

bool parse_double(std::string_view text, double& out) {
  if (text.empty()) return false;
  const bool negative = text[0] == '-';
  const std::size_t first = negative || text[0] == '+' ? 1 : 0;
  // Up to 15 digits and a power of ten up to 10^22 are both exact doubles, so one division of them
  // rounds correctly (Clinger 1990, "How to read floating point numbers accurately").
  static constexpr std::array<double, 16> kPowers = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  if (text.size() - first <= 16) {
    std::int64_t mantissa = 0;
    std::size_t num_digits = 0;
    std::size_t point = std::string_view::npos;
    std::size_t i = first;
    for (; i < text.size(); ++i) {
      const char c = text[i];
      if (is_digit(c)) {
        mantissa = mantissa * 10 + (c - '0');
        ++num_digits;
      } else if (c == '.' && point == std::string_view::npos) {
        point = i;
      } else {
        break;
      }
    }
    if (i == text.size() && num_digits > 0 && num_digits <= 15) {
      const std::size_t decimals = point == std::string_view::npos ? 0 : text.size() - point - 1;
      const double value = static_cast<double>(mantissa) / kPowers[decimals];
      out = negative ? -value : value;
      return true;
    }
  }
  if (text[0] == '+') {
    text.remove_prefix(1);
    if (text.empty() || text[0] == '-') return false;
  }
  const auto parsed = fast_float::from_chars(text.data(), text.data() + text.size(), out);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return false;
  const std::string_view unsigned_text = text.substr(text[0] == '-' || text[0] == '+' ? 1 : 0);
  if (std::isinf(out)) return !unsigned_text.empty() && !is_digit(unsigned_text[0]);
  if (unsigned_text.find_first_not_of("0123456789") == std::string_view::npos) {
    std::int64_t exact = 0;
    return parse_int64(text, exact) && std::abs(out) < 9.2e18 &&
           static_cast<std::int64_t>(out) == exact;
  }
  return true;
}

bool parse_bool(std::string_view text, bool& out) {
  out = text == "true" || text == "True" || text == "TRUE";
  return out || text == "false" || text == "False" || text == "FALSE";
}

bool parse_date(std::string_view text, std::int32_t& out) {
  return text.size() == 10 && date_at_start(text, out);
}

bool parse_timestamp(std::string_view text, std::int64_t& out, bool& has_zone) {
  std::int32_t days = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (text.size() < 16 || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' ||
      !date_at_start(text, days) || !digits(text, 11, 2, hour) || !digits(text, 14, 2, minute)) {
    return false;
  }
  std::string_view rest = text.substr(16);
  std::int64_t micros = 0;
  if (!rest.empty() && rest[0] == ':') {
    if (!digits(rest, 1, 2, second)) return false;
    rest.remove_prefix(3);
    if (!rest.empty() && rest[0] == '.') {
      rest.remove_prefix(1);
      std::size_t num_digits = 0;
      for (; num_digits < rest.size() && is_digit(rest[num_digits]); ++num_digits) {
        if (num_digits < 6) {
          micros = micros * 10 + (rest[num_digits] - '0');
        } else if (rest[num_digits] != '0') {
          return false;
        }
      }
      if (num_digits == 0) return false;
      for (std::size_t i = num_digits; i < 6; ++i) micros *= 10;
      rest.remove_prefix(num_digits);
    }
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  std::int64_t offset_seconds = 0;
  has_zone = !rest.empty();
  if (has_zone && !parse_zone(rest, offset_seconds)) return false;
  const std::int64_t seconds = std::int64_t{days} * 86400 + hour * 3600 + minute * 60 + second;
  out = (seconds - offset_seconds) * 1'000'000 + micros;
  return true;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool has_leading_zero(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && is_digit(text[1]);
}

}  // namespace polarway::csv
