#include "formats/parse_value.h"

#include <arrow/type.h>
#include <arrow/util/decimal.h>
#include <fast_float/fast_float.h>

#include <array>
#include <charconv>
#include <cmath>

namespace polarway {
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
bool parse_zone(std::string_view text, std::int32_t& seconds) {
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

// Takes HH:MM[:SS[.fraction]] off the front.
bool time_at_start(std::string_view& text, TextTime& out) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (text.size() < 5 || text[2] != ':' || !digits(text, 0, 2, hour) ||
      !digits(text, 3, 2, minute)) {
    return false;
  }
  text.remove_prefix(5);
  if (text.starts_with(':')) {
    if (!digits(text, 1, 2, second)) return false;
    text.remove_prefix(3);
    if (text.starts_with('.')) {
      constexpr std::size_t kMostDecimals = 9;
      std::size_t num_digits = 1;
      for (; num_digits < text.size() && is_digit(text[num_digits]); ++num_digits) {
        if (num_digits <= kMostDecimals) {
          out.nanos = out.nanos * 10 + (text[num_digits] - '0');
        } else if (text[num_digits] != '0') {
          return false;
        }
      }
      if (num_digits == 1) return false;
      for (std::size_t i = num_digits; i <= kMostDecimals; ++i) out.nanos *= 10;
      text.remove_prefix(num_digits);
    }
  }
  out.seconds = (hour * 60 + minute) * 60 + second;
  return hour <= 23 && minute <= 59 && second <= 59;
}

template <class T>
bool parse_integer(std::string_view text, T& out) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;
  }
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, out);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

__extension__ using Wide = unsigned __int128;

constexpr int kMostDigits = arrow::Decimal128Type::kMaxPrecision;
constexpr std::array<Wide, kMostDigits + 1> kPowersOfTen = [] {
  std::array<Wide, kMostDigits + 1> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// The digits of a number without its sign, as `value` times ten to the `exponent`.
struct Significand {
  Wide value = 0;
  std::int64_t exponent = 0;

  // The whole text. False too when there are more digits than a decimal has, zeros at the ends
  // aside.
  bool take(std::string_view text) {
    bool any = false;
    bool behind_point = false;
    std::int64_t zeros = 0;  // put off until another digit comes
    std::size_t i = 0;
    for (; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '.' && !behind_point) {
        behind_point = true;
        continue;
      }
      if (!is_digit(c)) break;
      any = true;
      exponent -= behind_point ? 1 : 0;
      if (c == '0') {
        zeros += value != 0 ? 1 : 0;
        continue;
      }
      for (; zeros > 0; --zeros) {
        if (!push(0)) return false;
      }
      if (!push(c - '0')) return false;
    }
    exponent += zeros;
    if (!any) return false;
    text.remove_prefix(i);
    if (text.empty()) return true;
    if (text[0] != 'e' && text[0] != 'E') return false;
    text.remove_prefix(1);
    std::int32_t power = 0;
    if (!parse_integer(text, power)) return false;
    exponent += power;
    return true;
  }

 private:
  bool push(int digit) {
    if (value >= kPowersOfTen[kMostDigits - 1]) return false;
    value = value * 10 + static_cast<unsigned>(digit);
    return true;
  }
};

// What is written is an integer, and not as a power.
bool is_whole(std::string_view digits) {
  return digits.find_first_not_of("0123456789") == std::string_view::npos;
}

template <class T>
bool parse_real(std::string_view text, T& out) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) return false;
  }
  const char* end = text.data() + text.size();
  const auto parsed = fast_float::from_chars(text.data(), end, out);
  if (parsed.ec != std::errc() || parsed.ptr != end) return false;
  if (text.starts_with('-')) text.remove_prefix(1);
  if (std::isinf(out)) return !is_digit(text[0]) && text[0] != '.';
  if (out == 0) {  // only zeros make a zero
    return text.substr(0, text.find_first_of("eE")).find_first_not_of("0.") ==
           std::string_view::npos;
  }
  if (!is_whole(text)) return true;
  std::uint64_t exact = 0;
  constexpr T kMost = static_cast<T>(9.2e18);
  const T magnitude = std::abs(out);
  return parse_integer(text, exact) && magnitude < kMost &&
         static_cast<std::uint64_t>(magnitude) == exact;
}

}  // namespace

bool parse_int64(std::string_view text, std::int64_t& out) { return parse_integer(text, out); }

bool parse_uint64(std::string_view text, std::uint64_t& out) {
  // from_chars has no sign for these; -0 is what it is.
  if (text.starts_with('-')) {
    std::int64_t zero = 0;
    out = 0;
    return parse_integer(text, zero) && zero == 0;
  }
  return parse_integer(text, out);
}

bool parse_double(std::string_view text, double& out) { return parse_real(text, out); }
bool parse_float(std::string_view text, float& out) { return parse_real(text, out); }

bool parse_decimal(std::string_view text, int precision, int scale, arrow::Decimal128& out) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  Significand digits;
  if (!digits.take(text)) return false;
  std::int64_t exponent = digits.exponent + scale;
  while (exponent < 0 && digits.value != 0) {
    if (digits.value % 10 != 0) return false;  // a decimal too many
    digits.value /= 10;
    ++exponent;
  }
  if (digits.value != 0) {
    if (exponent > kMostDigits) return false;
    for (; exponent > 0; --exponent) {
      if (digits.value >= kPowersOfTen[kMostDigits - 1]) return false;
      digits.value *= 10;
    }
    if (digits.value >= kPowersOfTen[static_cast<std::size_t>(precision)]) return false;
  }
  const arrow::Decimal128 value(static_cast<std::int64_t>(digits.value >> 64),
                                static_cast<std::uint64_t>(digits.value));
  out = value;
  if (negative) out.Negate();
  return true;
}

bool parse_bool(std::string_view text, bool& out) {
  out = text == "true" || text == "True" || text == "TRUE";
  return out || text == "false" || text == "False" || text == "FALSE";
}

bool parse_date(std::string_view text, std::int32_t& out) {
  return text.size() == 10 && date_at_start(text, out);
}

bool parse_time(std::string_view text, TextTime& out) {
  out = {};
  return time_at_start(text, out) && text.empty();
}

bool parse_timestamp(std::string_view text, TextTime& out) {
  out = {};
  if (text.size() < 16 || (text[10] != 'T' && text[10] != ' ')) return false;
  if (!date_at_start(text, out.days)) return false;
  text.remove_prefix(11);
  if (!time_at_start(text, out)) return false;
  out.has_zone = !text.empty();
  return !out.has_zone || parse_zone(text, out.offset);
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

}  // namespace polarway
