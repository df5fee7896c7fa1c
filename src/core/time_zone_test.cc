#include "core/time_zone.h"

#include <gtest/gtest.h>

#include <chrono>

namespace polarway {
namespace {

std::int64_t at(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  namespace time = std::chrono;
  const time::sys_days days(time::year(year) / time::month(month) / time::day(day));
  return days.time_since_epoch().count() * 86'400 + hour * 3'600 + minute * 60;
}

std::shared_ptr<const TimeZone> zone(const char* name) {
  const auto found = TimeZone::find(name);
  EXPECT_TRUE(found) << name;
  return found ? *found : nullptr;
}

TEST(TimeZone, FixedOffsetsNeedNoDatabase) {
  EXPECT_EQ(zone("UTC")->to_utc(at(2024, 1, 1)), at(2024, 1, 1));
  EXPECT_EQ(zone("+02:00")->to_utc(at(2024, 1, 1)), at(2023, 12, 31, 22));
  EXPECT_EQ(zone("-0530")->to_utc(at(2024, 1, 1)), at(2024, 1, 1, 5, 30));
  EXPECT_EQ(zone("+01")->offset_at(0), 3'600);
}

TEST(TimeZone, KnowsSummerAndWinterInThePastAndInTheFuture) {
  const auto paris = zone("Europe/Paris");
  for (const int year : {1996, 2024, 2037, 2040, 2200}) {
    EXPECT_EQ(paris->to_utc(at(year, 1, 15, 12)), at(year, 1, 15, 11)) << year;
    EXPECT_EQ(paris->to_utc(at(year, 7, 15, 12)), at(year, 7, 15, 10)) << year;
  }
  const auto sydney = zone("Australia/Sydney");
  for (const int year : {2024, 2150}) {
    EXPECT_EQ(sydney->offset_at(at(year, 1, 15)), 11 * 3'600) << year;
    EXPECT_EQ(sydney->offset_at(at(year, 7, 15)), 10 * 3'600) << year;
  }
  EXPECT_EQ(zone("Asia/Kolkata")->offset_at(at(2100, 1, 1)), 19'800);
}

TEST(TimeZone, ATimeThatClocksShowTwiceOrNeverIsNone) {
  const auto paris = zone("Europe/Paris");
  EXPECT_EQ(paris->to_utc(at(2024, 3, 31, 2, 30)), std::nullopt);
  EXPECT_EQ(paris->to_utc(at(2024, 10, 27, 2, 30)), std::nullopt);
  EXPECT_EQ(paris->to_utc(at(2024, 3, 31, 1, 59)), at(2024, 3, 31, 0, 59));
  EXPECT_EQ(paris->to_utc(at(2024, 3, 31, 3, 0)), at(2024, 3, 31, 1, 0));
  EXPECT_EQ(paris->to_utc(at(2024, 10, 27, 1, 59)), at(2024, 10, 26, 23, 59));
  EXPECT_EQ(paris->to_utc(at(2024, 10, 27, 3, 0)), at(2024, 10, 27, 2, 0));
  EXPECT_EQ(paris->to_utc(at(2060, 3, 28, 2, 30)), std::nullopt);               // by rule
  EXPECT_EQ(zone("Pacific/Apia")->to_utc(at(2011, 12, 30, 12)), std::nullopt);  // a day left out
}

TEST(TimeZone, EveryHourOfSixtyYearsComesBackOrIsNoSingleHour) {
  for (const char* name : {"America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"}) {
    const auto place = zone(name);
    for (std::int64_t utc = at(1990, 1, 1); utc < at(2050, 1, 1); utc += 3'600) {
      const std::int64_t local = utc + place->offset_at(utc);
      const std::optional<std::int64_t> back = place->to_utc(local);
      if (back) {
        ASSERT_EQ(*back, utc) << name;
      } else {  // only where the clock shows the same again within three hours
        bool twice = false;
        for (std::int64_t other = utc - 10'800; other <= utc + 10'800; other += 1'800) {
          twice |= other != utc && other + place->offset_at(other) == local;
        }
        ASSERT_TRUE(twice) << name << " " << utc;
      }
    }
  }
}

TEST(TimeZone, WhatIsNoZoneIsAConfigError) {
  for (const char* name : {"", "Europe/Pariss", "../../etc/passwd", "/etc/localtime", "+25:00",
                           "+1", "Europe", "+02:0", "tzdata.zi"}) {
    const auto found = TimeZone::find(name);
    ASSERT_FALSE(found) << name;
    EXPECT_EQ(found.error().kind, ErrorKind::Config);
  }
}

TEST(YearlyRule, IsReadAsPosixHasIt) {
  const auto rule = YearlyRule::parse("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1");
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->standard_offset, -3 * 3'600);
  EXPECT_EQ(rule->summer_offset, -2 * 3'600);
  EXPECT_EQ(rule->summer_begins->seconds, -7'200);
  EXPECT_EQ(YearlyRule::parse("EST5")->offset_at(0), -5 * 3'600);
  const auto julian = YearlyRule::parse("AAA0BBB,J60/0,J300/0");
  ASSERT_TRUE(julian);
  EXPECT_EQ(julian->offset_at(at(2024, 2, 29, 12)), 0);
  EXPECT_EQ(julian->offset_at(at(2024, 3, 1, 12)), 3'600);
  EXPECT_EQ(julian->offset_at(at(2023, 3, 1, 12)), 3'600);
  for (const char* text : {"", "A5", "EST", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0",
                           "EST5EDT,M3.2.0,M11.1.0x", "<+03-3"}) {
    EXPECT_FALSE(YearlyRule::parse(text)) << text;
  }
}

}  // namespace
}  // namespace polarway
