#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "formats/parse_value.h"
#include "polarway/result.h"

namespace polarway::csv {

/// How dates and times are written, in strptime's language: a small program, compiled once.
///
/// %Y year of four digits; %y of two (69 to 99 are 19..); %m month, %b %B %h its English name,
/// short or long; %d %e day, %j day of the year; %a %A name of the weekday, which must be the
/// date's; %H hour, %I of twelve with %p am or pm; %M minute; %S second; %f one to nine decimals of
/// the second,
/// %.f those with their point, or nothing; %z offset (Z, +02, +0200, +02:00); %F is %Y-%m-%d, %T
/// %H:%M:%S, %R %H:%M, %D %m/%d/%y; %% a percent sign; %t, %n and a blank: a blank or a tab. %-d,
/// %-m and the like are as without the dash. Numbers may come without leading zeros, unless they
/// stand next to another number. Everything else stands for itself.
///
/// Immutable; safe to use from any thread.
class TimeFormat {
 public:
  /// Config error for what is no format, says a thing twice, or leaves a day or a time half said.
  static Result<TimeFormat> compile(std::string_view format);

  bool has_date() const { return has_date_; }
  bool has_time() const { return has_time_; }
  bool has_zone() const { return has_zone_; }

  /// The whole text, or false: days that do not exist, hours beyond 23 and seconds beyond 59 do not
  /// fit. Allocates nothing.
  bool parse(std::string_view text, TextTime& out) const;

 private:
  enum class Kind : std::uint8_t {
    Literal,
    Blank,
    Year,
    YearOfCentury,
    Month,
    MonthName,
    Day,
    DayOfYear,
    WeekdayName,
    Hour,
    HourOfTwelve,
    HalfOfDay,
    Minute,
    Second,
    Decimals,
    PointAndDecimals,
    Zone,
  };
  struct Step {
    Kind kind = Kind::Literal;
    char literal = 0;
    bool is_full_width = false;  // a number that stands next to another one
  };
  struct Said;

  Result<void> add(char directive);
  Result<void> check() const;
  bool says(Kind kind) const;
  static bool is_number(Kind kind);
  static bool take(const Step& step, std::string_view& text, Said& said);
  bool settle(const Said& said, TextTime& out) const;

  std::vector<Step> steps_;
  bool has_date_ = false;
  bool has_time_ = false;
  bool has_zone_ = false;
};

}  // namespace polarway::csv
