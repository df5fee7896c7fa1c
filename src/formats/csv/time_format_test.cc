#include "formats/csv/time_format.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace polarway::csv {
namespace {

// Seconds since 1970, decimals if there are any, and Z when the text says its zone.
std::string read(std::string_view format, std::string_view text) {
  const Result<TimeFormat> compiled = TimeFormat::compile(format);
  if (!compiled) return compiled.error().message;
  TextTime time;
  if (!compiled->parse(text, time)) return "none";
  std::string result = std::to_string(time.epoch_seconds());
  if (time.nanos != 0) result += "+" + std::to_string(time.nanos);
  return result + (time.has_zone ? "Z" : "");
}

TEST(TimeFormat, ReadsWhatItsDirectivesSay) {
  EXPECT_EQ(read("%Y-%m-%d", "1970-01-02"), "86400");
  EXPECT_EQ(read("%d/%m/%Y", "2/1/1970"), "86400");
  EXPECT_EQ(read("%Y%m%d", "19700102"), "86400");
  EXPECT_EQ(read("%d.%m.%y", "02.01.70"), "86400");
  EXPECT_EQ(read("%d.%m.%y", "01.01.68"), "3092601600");
  EXPECT_EQ(read("%d %b %Y", "2 Jan 1970"), "86400");
  EXPECT_EQ(read("%B %e, %Y", "JANUARY 2, 1970"), "86400");
  EXPECT_EQ(read("%b%d%Y", "may021970"), "10454400");
  EXPECT_EQ(read("%a, %d %b %Y %H:%M:%S %z", "Fri, 02 Jan 1970 00:00:00 +0100"), "82800Z");
  EXPECT_EQ(read("%A %F", "Friday 1970-01-02"), "86400");
  EXPECT_EQ(read("%Y-%j", "1970-002"), "86400");
  EXPECT_EQ(read("%Y/%j", "1970/2"), "86400");
  EXPECT_EQ(read("%H:%M", "00:01"), "60");
  EXPECT_EQ(read("%I:%M %p", "12:01 AM"), "60");
  EXPECT_EQ(read("%I%p", "12pm"), "43200");
  EXPECT_EQ(read("%T.%f", "00:00:01.5"), "1+500000000");
  EXPECT_EQ(read("%T%.f", "00:00:01.000000001"), "1+1");
  EXPECT_EQ(read("%T%.f", "00:00:01"), "1");
  EXPECT_EQ(read("%FT%T%z", "1970-01-01T00:00:00Z"), "0Z");
  EXPECT_EQ(read("%FT%T%z", "1970-01-01T00:00:00-00:30"), "1800Z");
  EXPECT_EQ(read("%-d.%-m.%Y", "2.1.1970"), "86400");
  EXPECT_EQ(read("%%%Y-%m-%d%%", "%1970-01-02%"), "86400");
  EXPECT_EQ(read("%D %R", "01/02/70 00:01"), "86460");
}

TEST(TimeFormat, RefusesWhatIsNotJustSo) {
  const std::pair<const char*, const char*> cases[] = {{"%Y-%m-%d", "2024-02-30"},
                                                       {"%Y-%m-%d", "1900-02-29"},
                                                       {"%Y-%m-%d", "2024-01-01 "},
                                                       {"%Y-%m-%d", "2024-01-01x"},
                                                       {"%Y-%m-%d", " 2024-01-01"},
                                                       {"%Y-%m-%d", "24-01-01"},
                                                       {"%Y-%m-%d", "2024-00-01"},
                                                       {"%Y-%m-%d", "2024-13-01"},
                                                       {"%Y-%m-%d", "0000-00-00"},
                                                       {"%Y-%m-%d", "300000-1-1"},
                                                       {"%Y%m%d", "2024123"},
                                                       {"%d.%m.%y", "1.1.5"},
                                                       {"%Y-%j", "2023-366"},
                                                       {"%Y-%j", "2024-367"},
                                                       {"%Y-%j", "2024-0"},
                                                       {"%a %F", "Mon 1970-01-02"},
                                                       {"%F %T", "9999-12-31 23:59:60"},
                                                       {"%H:%M", "24:00"},
                                                       {"%H:%M", "00:60"},
                                                       {"%I %p", "0 am"},
                                                       {"%I %p", "13 pm"},
                                                       {"%I %p", "1 xm"},
                                                       {"%T.%f", "00:00:01."},
                                                       {"%T.%f", "00:00:01.1234567890"},
                                                       {"%T%.f", "00:00:01."},
                                                       {"%F%z", "2024-01-01"},
                                                       {"%F%z", "2024-01-01+1"},
                                                       {"%F%z", "2024-01-01+24:00"},
                                                       {"%F%z", "2024-01-01+02:6"},
                                                       {"%b %d %Y", "Foo 1 2024"},
                                                       {"%Y-%m-%d", ""}};
  for (const auto& [format, text] : cases) EXPECT_EQ(read(format, text), "none") << text;
}

TEST(TimeFormat, ThatIsNoneIsAConfigError) {
  for (const char* format :
       {"",         "%",     "abc",         "%Q",          "%Y",          "%Y-%m",
        "%m-%d",    "%Y-%d", "%Y-%m-%d %m", "%Y %y-%m-%d", "%Y-%m-%b %d", "%Y-%j %d",
        "%M",       "%S",    "%H:%S",       "%H %f",       "%I:%M",       "%H %p",
        "%H %I %p", "%a %H", "%F %T.%f%.f", "%F %F",       "%-"}) {
    const Result<TimeFormat> compiled = TimeFormat::compile(format);
    ASSERT_FALSE(compiled) << format;
    EXPECT_EQ(compiled.error().kind, ErrorKind::Config);
  }
}

TEST(TimeFormat, SaysWhatItHas) {
  const auto date = TimeFormat::compile("%d.%m.%Y").value();
  EXPECT_TRUE(date.has_date() && !date.has_time() && !date.has_zone());
  const auto whole = TimeFormat::compile("%FT%T%.f%z").value();
  EXPECT_TRUE(whole.has_date() && whole.has_time() && whole.has_zone());
  const auto time = TimeFormat::compile("%I:%M %p").value();
  EXPECT_TRUE(!time.has_date() && time.has_time() && !time.has_zone());
}

TEST(TimeFormat, ReadsEveryDayThatTheStandardLibraryPrints) {
  const char* const formats[] = {"%Y-%m-%d",     "%d/%m/%Y", "%b %d %Y",
                                 "%A, %d %B %Y", "%Y%j",     "%e.%m.%Y"};
  for (const char* format : formats) {
    const TimeFormat compiled = TimeFormat::compile(format).value();
    for (std::int64_t day = -135'140; day <= 157'054; ++day) {  // 1600 to 2400
      const std::time_t seconds = day * 86'400;
      std::tm parts{};
      gmtime_r(&seconds, &parts);
      char text[64];
      const std::size_t size = std::strftime(text, sizeof text, format, &parts);
      TextTime time;
      std::string_view printed(text, size);
      if (printed.starts_with(' ')) printed.remove_prefix(1);  // %e pads with a blank
      ASSERT_TRUE(compiled.parse(printed, time)) << printed;
      ASSERT_EQ(time.days, day) << printed;
    }
  }
}

}  // namespace
}  // namespace polarway::csv
