#include "formats/csv/time_format.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "core/quoted_text.h"

namespace polarway::csv {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool starts_with(std::string_view text, std::string_view lower_word) {
  if (text.size() < lower_word.size()) return false;
  for (std::size_t i = 0; i < lower_word.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c) != lower_word[i]) return false;
  }
  return true;
}

// Takes a name in whole or its first three letters.
template <std::size_t kCount>
bool take_name(const std::array<std::string_view, kCount>& names, std::string_view& text,
               int& index) {
  constexpr std::size_t kShort = 3;
  for (std::size_t i = 0; i < kCount; ++i) {
    if (!starts_with(text, names[i].substr(0, kShort))) continue;
    index = static_cast<int>(i);
    text.remove_prefix(starts_with(text, names[i]) ? names[i].size() : kShort);
    return true;
  }
  return false;
}

// Takes `least` to `most` digits.
bool take_number(std::string_view& text, std::size_t least, std::size_t most, int& value) {
  value = 0;
  std::size_t size = 0;
  for (; size < most && size < text.size() && is_digit(text[size]); ++size) {
    value = value * 10 + (text[size] - '0');
  }
  text.remove_prefix(size);
  return size >= least;
}

bool take_decimals(std::string_view& text, int& nanos) {
  const std::size_t before = text.size();
  if (!take_number(text, 1, 9, nanos)) return false;
  for (std::size_t digits = before - text.size(); digits < 9; ++digits) nanos *= 10;
  return true;
}

bool take_char(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_zone(std::string_view& text, int& offset) {
  offset = 0;
  if (take_char(text, 'Z') || take_char(text, 'z')) return true;
  const bool negative = text.starts_with('-');
  if (!negative && !text.starts_with('+')) return false;
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!take_number(text, 2, 2, hours)) return false;
  const bool has_colon = take_char(text, ':');
  const bool has_minutes = has_colon || (!text.empty() && is_digit(text[0]));
  if (has_minutes && !take_number(text, 2, 2, minutes)) return false;
  offset = (hours * 60 + minutes) * 60 * (negative ? -1 : 1);
  return hours <= 23 && minutes <= 59;
}

auto refuse(std::string_view format, std::string why) {
  return fail({.kind = ErrorKind::Config,
               .message = shorten(format) + " " + std::move(why),
               .hint = "formats are as strptime's: %Y-%m-%d, %d/%m/%y, %Y-%m-%dT%H:%M:%S%.f%z"});
}

}  // namespace

// What a text has said so far.
struct TimeFormat::Said {
  int year = 0;
  int month = 0;
  int day = 0;
  int day_of_year = 0;
  int weekday = -1;
  int hour = 0;
  int hour_of_twelve = 0;
  int half_of_day = 0;
  int minute = 0;
  int second = 0;
  int nanos = 0;
  int offset = 0;
};

bool TimeFormat::is_number(Kind kind) {
  switch (kind) {
    case Kind::Literal:
    case Kind::Blank:
    case Kind::MonthName:
    case Kind::WeekdayName:
    case Kind::HalfOfDay:
    case Kind::PointAndDecimals:
    case Kind::Zone:
      return false;
    default:
      return true;
  }
}

bool TimeFormat::says(Kind kind) const {
  return std::any_of(steps_.begin(), steps_.end(),
                     [kind](const Step& step) { return step.kind == kind; });
}

Result<void> TimeFormat::add(char directive) {
  static constexpr std::pair<char, std::string_view> kShorthands[] = {
      {'F', "%Y-%m-%d"}, {'T', "%H:%M:%S"}, {'R', "%H:%M"}, {'D', "%m/%d/%y"}};
  for (const auto& [name, meaning] : kShorthands) {
    if (name != directive) continue;
    for (std::size_t i = 0; i < meaning.size(); ++i) {
      if (meaning[i] == '%') {
        POLARWAY_CHECK(add(meaning[++i]));
      } else {
        steps_.push_back({.literal = meaning[i]});
      }
    }
    return {};
  }
  static constexpr std::pair<char, Kind> kDirectives[] = {
      {'Y', Kind::Year},         {'y', Kind::YearOfCentury}, {'m', Kind::Month},
      {'b', Kind::MonthName},    {'B', Kind::MonthName},     {'h', Kind::MonthName},
      {'d', Kind::Day},          {'e', Kind::Day},           {'j', Kind::DayOfYear},
      {'a', Kind::WeekdayName},  {'A', Kind::WeekdayName},   {'H', Kind::Hour},
      {'I', Kind::HourOfTwelve}, {'p', Kind::HalfOfDay},     {'P', Kind::HalfOfDay},
      {'M', Kind::Minute},       {'S', Kind::Second},        {'f', Kind::Decimals},
      {'z', Kind::Zone},         {'t', Kind::Blank},         {'n', Kind::Blank}};
  if (directive == '%') {
    steps_.push_back({.literal = '%'});
    return {};
  }
  for (const auto& [name, kind] : kDirectives) {
    if (name != directive) continue;
    if (kind != Kind::Blank && says(kind)) {
      return refuse(std::string{'%', directive}, "is said twice");
    }
    steps_.push_back({.kind = kind});
    return {};
  }
  return refuse(std::string{'%', directive}, "is not known");
}

Result<TimeFormat> TimeFormat::compile(std::string_view format) {
  TimeFormat made;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if (is_blank(c)) {
      made.steps_.push_back({.kind = Kind::Blank});
    } else if (c != '%') {
      made.steps_.push_back({.literal = c});
    } else if (format.substr(i).starts_with("%.f")) {
      if (made.says(Kind::Decimals) || made.says(Kind::PointAndDecimals)) {
        return refuse(format, "says decimals twice");
      }
      made.steps_.push_back({.kind = Kind::PointAndDecimals});
      i += 2;
    } else {
      if (format.substr(i + 1).starts_with('-')) ++i;
      if (++i == format.size()) return refuse(format, "ends in the middle of a directive");
      POLARWAY_CHECK(made.add(format[i]));
    }
  }
  for (std::size_t i = 0; i + 1 < made.steps_.size(); ++i) {
    if (!is_number(made.steps_[i].kind) || !is_number(made.steps_[i + 1].kind)) continue;
    made.steps_[i].is_full_width = true;
    made.steps_[i + 1].is_full_width = true;
  }
  if (Result<void> checked = made.check(); !checked) return refuse(format, checked.error().message);
  made.has_date_ = made.says(Kind::Year) || made.says(Kind::YearOfCentury);
  made.has_time_ = made.says(Kind::Hour) || made.says(Kind::HourOfTwelve);
  made.has_zone_ = made.says(Kind::Zone);
  return made;
}

Result<void> TimeFormat::check() const {
  const auto broken = [](const char* why) {
    return fail({.kind = ErrorKind::Config, .message = why});
  };
  const int years = says(Kind::Year) + says(Kind::YearOfCentury);
  const int months = says(Kind::Month) + says(Kind::MonthName);
  const int days = says(Kind::Day) + 2 * says(Kind::DayOfYear);
  const int hours = says(Kind::Hour) + says(Kind::HourOfTwelve);
  const int decimals = says(Kind::Decimals) + says(Kind::PointAndDecimals);
  if (years > 1 || months > 1 || days > 2 || hours > 1 || decimals > 1 ||
      (days == 2 && months > 0)) {
    return broken("says a thing in two ways");
  }
  const bool has_day = days == 2 || (days == 1 && months == 1);
  if (years + months + days > 0 && !(years == 1 && has_day))
    return broken("does not say which day");
  if (says(Kind::WeekdayName) && years == 0) return broken("has a weekday without a date");
  if (says(Kind::HourOfTwelve) != says(Kind::HalfOfDay)) return broken("needs both %I and %p");
  if ((says(Kind::Minute) && hours == 0) || (says(Kind::Second) && !says(Kind::Minute)) ||
      (decimals > 0 && !says(Kind::Second))) {
    return broken("has a part of a time without the larger ones");
  }
  if (years + hours == 0) return broken("says neither a date nor a time");
  return {};
}

bool TimeFormat::take(const Step& step, std::string_view& text, Said& said) {
  const std::size_t two = step.is_full_width ? 2 : 1;
  switch (step.kind) {
    case Kind::Literal:
      return take_char(text, step.literal);
    case Kind::Blank:
      return take_char(text, ' ') || take_char(text, '\t');
    case Kind::Year:
      return take_number(text, 4, 4, said.year);
    case Kind::YearOfCentury:
      if (!take_number(text, 2, 2, said.year)) return false;
      said.year += said.year < 69 ? 2'000 : 1'900;
      return true;
    case Kind::Month:
      return take_number(text, two, 2, said.month);
    case Kind::MonthName:
      if (!take_name(kMonths, text, said.month)) return false;
      ++said.month;
      return true;
    case Kind::Day:
      return take_number(text, two, 2, said.day);
    case Kind::DayOfYear:
      return take_number(text, step.is_full_width ? 3 : 1, 3, said.day_of_year) &&
             said.day_of_year > 0;
    case Kind::WeekdayName:
      return take_name(kWeekdays, text, said.weekday);
    case Kind::Hour:
      return take_number(text, two, 2, said.hour) && said.hour <= 23;
    case Kind::HourOfTwelve:
      return take_number(text, two, 2, said.hour_of_twelve) && said.hour_of_twelve >= 1 &&
             said.hour_of_twelve <= 12;
    case Kind::HalfOfDay:
      said.half_of_day = starts_with(text, "pm") ? 1 : 0;
      if (said.half_of_day == 0 && !starts_with(text, "am")) return false;
      text.remove_prefix(2);
      return true;
    case Kind::Minute:
      return take_number(text, two, 2, said.minute) && said.minute <= 59;
    case Kind::Second:
      return take_number(text, two, 2, said.second) && said.second <= 59;
    case Kind::Decimals:
      return take_decimals(text, said.nanos);
    case Kind::PointAndDecimals:
      return !take_char(text, '.') || take_decimals(text, said.nanos);
    case Kind::Zone:
      return take_zone(text, said.offset);
  }
  return false;
}

bool TimeFormat::settle(const Said& said, TextTime& out) const {
  namespace time = std::chrono;
  out = {};
  if (has_date_) {
    const time::year year(said.year);
    time::sys_days day;
    if (said.day_of_year > 0) {
      if (said.day_of_year > (year.is_leap() ? 366 : 365)) return false;
      day = time::sys_days(year / time::January / 1) + time::days(said.day_of_year - 1);
    } else {
      const time::year_month_day date = year / said.month / said.day;
      if (!date.ok()) return false;
      day = time::sys_days(date);
    }
    if (said.weekday >= 0 &&
        time::weekday(day).c_encoding() != static_cast<unsigned>(said.weekday)) {
      return false;
    }
    out.days = static_cast<std::int32_t>(day.time_since_epoch().count());
  }
  const int hour =
      said.hour_of_twelve > 0 ? said.hour_of_twelve % 12 + 12 * said.half_of_day : said.hour;
  out.seconds = hour * 3'600 + said.minute * 60 + said.second;
  out.nanos = said.nanos;
  out.has_zone = has_zone_;
  out.offset = said.offset;
  return true;
}

bool TimeFormat::parse(std::string_view text, TextTime& out) const {
  Said said;
  for (const Step& step : steps_) {
    if (!take(step, text, said)) return false;
  }
  return text.empty() && settle(said, out);
}

}  // namespace polarway::csv
