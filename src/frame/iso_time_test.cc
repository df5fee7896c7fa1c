#include "frame/iso_time.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(IsoTime, DatesAreDaysSince1970) {
  EXPECT_EQ(parse_iso_time("1970-01-01")->days, 0);
  EXPECT_EQ(parse_iso_time("2024-02-29")->days, 19782);
  EXPECT_EQ(parse_iso_time("1969-12-31")->days, -1);
  EXPECT_EQ(parse_iso_time("0001-01-01")->days, -719162);
  EXPECT_EQ(parse_iso_time("9999-12-31")->days, 2932896);
  EXPECT_FALSE(parse_iso_time("1970-01-01")->offset_minutes);
}

TEST(IsoTime, TimesAreNanosecondsSinceMidnight) {
  EXPECT_EQ(parse_iso_time("1970-01-01 00:01")->nanoseconds, 60 * kSecond);
  EXPECT_EQ(parse_iso_time("1970-01-01T23:59:59")->nanoseconds, 86399 * kSecond);
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:00.5")->nanoseconds, kSecond / 2);
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:00.000000001")->nanoseconds, 1);
}

TEST(IsoTime, ZonesAreMinutesEastOfUtc) {
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00Z")->offset_minutes, 0);
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:00+01:30")->offset_minutes, 90);
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:00.25-0330")->offset_minutes, -210);
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:00+02")->offset_minutes, 120);
}

TEST(IsoTime, DaysAndTimesThereAreNotAreRefused) {
  for (const char* text : {"",
                           "2024",
                           "2024-02",
                           "2024-02-30",
                           "2023-02-29",
                           "2024-13-01",
                           "2024-00-10",
                           "2024-01-00",
                           "24-01-01",
                           "2024-1-1",
                           "2024/01/01",
                           "2024-01-01x",
                           "2024-01-01 ",
                           "2024-01-01T",
                           "2024-01-01T24:00",
                           "2024-01-01T12:60",
                           "2024-01-01T12:00:60",
                           "2024-01-01T12:00:00.",
                           "2024-01-01T12:00:00.1234567890",
                           "2024-01-01T12:00+",
                           "2024-01-01T12:00+24:00",
                           "2024-01-01T12:00+01:60",
                           "2024-01-01T12:00+01:",
                           "2024-01-01T12:00Zz",
                           "2024-01-01Z",
                           " 2024-01-01",
                           "-2024-01-01",
                           "today"}) {
    EXPECT_FALSE(parse_iso_time(text)) << text;
  }
}

}  // namespace
}  // namespace polarway
