#include "formats/csv/parse_value.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <random>
#include <string>

namespace polarway::csv {
namespace {

TEST(ParseInt64, TakesWhatFitsAndNothingElse) {
  std::int64_t value = 0;
  for (const std::int64_t expected : {std::int64_t{0}, std::int64_t{-1}, INT64_MAX, INT64_MIN}) {
    ASSERT_TRUE(parse_int64(std::to_string(expected), value));
    EXPECT_EQ(value, expected);
  }
  EXPECT_TRUE(parse_int64("+7", value));
  EXPECT_TRUE(parse_int64("0000000000000000000000", value));
  for (const char* text :
       {"", "-", "+", "1.0", "1e5", "0x1F", "1_000", "1,5", " 1", "1 ", "--1", "+-1",
        "9223372036854775808", "-9223372036854775809", "99999999999999999999"}) {
    EXPECT_FALSE(parse_int64(text, value)) << text;
  }
}

TEST(ParseDouble, RoundsAsTheStandardLibraryDoes) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200'000; ++i) {
    char text[64];
    double expected = 0;
    if (i % 2 == 0) {
      std::uint64_t bits = random();
      std::memcpy(&expected, &bits, sizeof expected);
      if (!std::isfinite(expected)) continue;
      *std::to_chars(text, text + sizeof text, expected).ptr = 0;
      const std::string_view digits(text);
      if (digits.find_first_of(".e") == std::string_view::npos && std::abs(expected) > 9e15)
        continue;
    } else {
      std::snprintf(
          text, sizeof text, "%lld.%0*lld", static_cast<long long>(random() % 100'000'000),
          static_cast<int>(1 + random() % 9), static_cast<long long>(random() % 1'000'000'000));
      expected = std::strtod(text, nullptr);
    }
    double value = 0;
    ASSERT_TRUE(parse_double(text, value)) << text;
    EXPECT_EQ(value, expected) << text;
  }
}

TEST(ParseDouble, RefusesWhatItWouldChangeInSilence) {
  double value = 0;
  for (const char* text : {"9007199254740993", "12345678901234567890", "1e400", "-1e400", "1,5",
                           "0x1p3", "1.2.3", "", ".", "-", "e5", "1e", "abc", "++1", "+-1"}) {
    EXPECT_FALSE(parse_double(text, value)) << text;
  }
  for (const char* text :
       {"9007199254740992", "1e22", ".5", "5.", "+1.5", "-0", "9223372036854775807.0"}) {
    EXPECT_TRUE(parse_double(text, value)) << text;
  }
  EXPECT_TRUE(parse_double("-inf", value) && std::isinf(value) && value < 0);
  EXPECT_TRUE(parse_double("NaN", value) && std::isnan(value));
  EXPECT_TRUE(parse_double("-0", value) && std::signbit(value));
}

TEST(ParseDate, KnowsWhichDaysExist) {
  std::int32_t days = 0;
  EXPECT_TRUE(parse_date("1970-01-01", days) && days == 0);
  EXPECT_TRUE(parse_date("2000-02-29", days) && days == 11016);
  EXPECT_TRUE(parse_date("1969-12-31", days) && days == -1);
  EXPECT_TRUE(parse_date("0000-01-01", days) && days == -719528);
  EXPECT_TRUE(parse_date("9999-12-31", days) && days == 2932896);
  for (const char* text :
       {"2024-02-30", "1900-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "2024-1-1",
        "2024/01/01", "20240101", "2024-01-01 ", "-024-01-01", "300000-01-01"}) {
    EXPECT_FALSE(parse_date(text, days)) << text;
  }
}

TEST(ParseTimestamp, ReadsIsoForms) {
  std::int64_t micros = 0;
  bool zone = true;
  EXPECT_TRUE(parse_timestamp("1970-01-01T00:00:01", micros, zone) && micros == 1'000'000 && !zone);
  EXPECT_TRUE(parse_timestamp("1970-01-01 00:01", micros, zone) && micros == 60'000'000);
  EXPECT_TRUE(parse_timestamp("1970-01-01 00:00:00.5", micros, zone) && micros == 500'000);
  EXPECT_TRUE(parse_timestamp("1970-01-01 00:00:00.123456000", micros, zone) && micros == 123'456);
  EXPECT_TRUE(parse_timestamp("1970-01-01T01:00:00+01:00", micros, zone) && micros == 0 && zone);
  EXPECT_TRUE(parse_timestamp("1970-01-01T00:00:00Z", micros, zone) && micros == 0 && zone);
  EXPECT_TRUE(parse_timestamp("1970-01-01T00:00:00-0130", micros, zone) && micros == 5'400'000'000);
  for (const char* text :
       {"1970-01-01", "1970-01-01T", "1970-01-01T24:00:00", "1970-01-01T00:60:00",
        "1970-01-01T23:59:60", "1970-01-01T00:00:00.", "1970-01-01T00:00:00.1234567",
        "1970-01-01T00:00:00+1", "1970-01-01T00:00:00+25:00", "1970-01-01T00:00:00 Z",
        "1970-01-01x00:00:00"}) {
    EXPECT_FALSE(parse_timestamp(text, micros, zone)) << text;
  }
}

TEST(HasLeadingZero, IsAboutDigitsThatWouldBeLost) {
  for (const char* text : {"007", "-01", "00", "01.5"}) EXPECT_TRUE(has_leading_zero(text)) << text;
  for (const char* text : {"0", "-0", "0.5", "10", "", "-"})
    EXPECT_FALSE(has_leading_zero(text)) << text;
}

}  // namespace
}  // namespace polarway::csv
