#pragma once

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// Writers of one value's text at `out`; each returns the end of what it wrote.
namespace polarway::datasets {

inline char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

/// Exactly `width` digits, zeros first.
inline char* put_digits(char* out, std::uint64_t value, int width) {
  for (int i = width - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + width;
}

inline char* put_integer(char* out, std::int64_t value) {
  return std::to_chars(out, out + 20, value).ptr;
}

/// Hundredths as a number with two decimals: -5 is -0.05.
inline char* put_cents(char* out, std::int64_t cents) {
  if (cents < 0) {
    *out++ = '-';
    cents = -cents;
  }
  out = put(put_integer(out, cents / 100), ".");
  return put_digits(out, static_cast<std::uint64_t>(cents % 100), 2);
}

/// The days from 2010 to 2025 as text.
class Calendar {
 public:
  static constexpr std::chrono::sys_days kFirstDay{std::chrono::year{2010} / 1 / 1};
  static constexpr std::chrono::sys_days kEndDay{std::chrono::year{2026} / 1 / 1};
  static constexpr std::uint64_t kNumDays =
      static_cast<std::uint64_t>((kEndDay - kFirstDay).count());
  static constexpr std::uint64_t kSecondsPerDay = 86'400;

  Calendar() {
    for (std::chrono::sys_days day = kFirstDay; day < kEndDay; day += std::chrono::days{1}) {
      const std::chrono::year_month_day date(day);
      char text[] = "0000-00-00";
      put_digits(text, static_cast<std::uint64_t>(int{date.year()}), 4);
      put_digits(text + 5, unsigned{date.month()}, 2);
      put_digits(text + 8, unsigned{date.day()}, 2);
      dates_ += text;
    }
  }

  /// YYYY-MM-DD; day 0 is kFirstDay.
  char* put_date(char* out, std::uint64_t day) const {
    return put(out, std::string_view(dates_).substr(day * kDateLength, kDateLength));
  }

  /// YYYY-MM-DD HH:MM:SS.
  char* put_moment(char* out, std::uint64_t day, std::uint64_t second_of_day) const {
    out = put(put_date(out, day), " ");
    out = put(put_digits(out, second_of_day / 3600, 2), ":");
    out = put(put_digits(out, second_of_day / 60 % 60, 2), ":");
    return put_digits(out, second_of_day % 60, 2);
  }

 private:
  static constexpr std::size_t kDateLength = 10;
  std::string dates_;  // one after the other, 58 KB: no calendar for each row
};

}  // namespace polarway::datasets
