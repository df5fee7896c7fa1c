#include "formats/parse_value.h"

#include <arrow/util/decimal.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <random>
#include <string>

namespace polarway {
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
  for (const char* text :
       {"9007199254740993", "12345678901234567890", "1e400", "-1e400", "1e-400", "1,5", "0x1p3",
        "1.2.3", "", ".", "-", "e5", "1e", "abc", "++1", "+-1"}) {
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

// Nanoseconds since 1970, and "Z" behind them when the text says its zone.
std::string instant(std::string_view text) {
  TextTime time;
  if (!parse_timestamp(text, time)) return "none";
  return std::to_string(time.epoch_seconds() * 1'000'000'000 + time.nanos) +
         (time.has_zone ? "Z" : "");
}

TEST(ParseTimestamp, ReadsIsoForms) {
  EXPECT_EQ(instant("1970-01-01T00:00:01"), "1000000000");
  EXPECT_EQ(instant("1970-01-01 00:01"), "60000000000");
  EXPECT_EQ(instant("1970-01-01 00:00:00.5"), "500000000");
  EXPECT_EQ(instant("1970-01-01 00:00:00.123456000"), "123456000");
  EXPECT_EQ(instant("1970-01-01 00:00:00.123456789000"), "123456789");
  EXPECT_EQ(instant("1970-01-01T01:00:00+01:00"), "0Z");
  EXPECT_EQ(instant("1970-01-01T00:00:00Z"), "0Z");
  EXPECT_EQ(instant("1970-01-01T00:00:00-0130"), "5400000000000Z");
  for (const char* text :
       {"1970-01-01", "1970-01-01T", "1970-01-01T24:00:00", "1970-01-01T00:60:00",
        "1970-01-01T23:59:60", "1970-01-01T00:00:00.", "1970-01-01T00:00:00.1234567891",
        "1970-01-01T00:00:00+1", "1970-01-01T00:00:00+25:00", "1970-01-01T00:00:00 Z",
        "1970-01-01x00:00:00", "0000-00-00T00:00:00", "9999-12-31T23:59:60"}) {
    EXPECT_EQ(instant(text), "none") << text;
  }
}

TEST(ParseTime, ReadsTimesOfDay) {
  TextTime time;
  EXPECT_TRUE(parse_time("23:59:59.999999999", time) && time.seconds == 86'399 &&
              time.nanos == 999'999'999);
  EXPECT_TRUE(parse_time("00:01", time) && time.seconds == 60 && time.nanos == 0);
  for (const char* text : {"", "1:00", "24:00", "00:00:60", "00:00:00Z", "00:00 ", "12"}) {
    EXPECT_FALSE(parse_time(text, time)) << text;
  }
}

TEST(ParseUint64, TakesWhatFitsAndNothingElse) {
  std::uint64_t value = 1;
  EXPECT_TRUE(parse_uint64("18446744073709551615", value) && value == UINT64_MAX);
  EXPECT_TRUE(parse_uint64("-0", value) && value == 0);
  for (const char* text : {"18446744073709551616", "-1", "+-1", "-", "", "1.0"}) {
    EXPECT_FALSE(parse_uint64(text, value)) << text;
  }
}

TEST(ParseFloat, RoundsOnceAsTheStandardLibraryDoes) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 200'000; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    float near = 0;
    std::memcpy(&near, &bits, sizeof near);
    if (!std::isfinite(near)) continue;
    // Decimals around the middle between two floats, where rounding twice goes wrong.
    const double middle =
        (static_cast<double>(near) + static_cast<double>(std::nextafter(near, 1e30F))) / 2;
    char text[64];
    std::snprintf(text, sizeof text, "%.*e", static_cast<int>(random() % 20), middle);
    const float expected = std::strtof(text, nullptr);
    float value = 0;
    if (!std::isfinite(expected) || expected == 0) continue;
    ASSERT_TRUE(parse_float(text, value)) << text;
    EXPECT_EQ(value, expected) << text;
  }
}

TEST(ParseFloat, RefusesWhatItWouldChangeInSilence) {
  float value = 0;
  for (const char* text : {"16777217", "1e39", "1e-50", "-1e-50", "9007199254740993"}) {
    EXPECT_FALSE(parse_float(text, value)) << text;
  }
  for (const char* text : {"16777216", "16777218", "0.1", "1e38", "-0", "0e-999", "nan"}) {
    EXPECT_TRUE(parse_float(text, value)) << text;
  }
}

std::string decimal(std::string_view text, int precision, int scale) {
  arrow::Decimal128 value;
  return parse_decimal(text, precision, scale, value) ? value.ToString(scale) : "none";
}

TEST(ParseDecimal, IsExactOrRefused) {
  EXPECT_EQ(decimal("0", 1, 0), "0");
  EXPECT_EQ(decimal("-12.34", 4, 2), "-12.34");
  EXPECT_EQ(decimal("+12.3", 4, 2), "12.30");
  EXPECT_EQ(decimal("12.3400", 4, 2), "12.34");
  EXPECT_EQ(decimal(".5", 2, 1), "0.5");
  EXPECT_EQ(decimal("5.", 2, 1), "5.0");
  EXPECT_EQ(decimal("1.5e1", 4, 2), "15.00");
  EXPECT_EQ(decimal("1500e-2", 4, 2), "15.00");
  EXPECT_EQ(decimal("0e99999", 4, 2), "0.00");
  EXPECT_EQ(decimal("00012", 2, 0), "12");
  EXPECT_EQ(decimal(std::string(38, '9'), 38, 0), std::string(38, '9'));
  EXPECT_EQ(decimal("-" + std::string(38, '9'), 38, 0), "-" + std::string(38, '9'));
  EXPECT_EQ(decimal("0." + std::string(37, '0') + "1", 38, 38), "1E-38");
  EXPECT_EQ(decimal("1" + std::string(50, '0') + "e-50", 38, 0), "1");
  for (const char* text : {"12.345", "123.4", "1e2", "", ".", "-", "1e", "e1", "1.2.3", "1,2",
                           "nan", "inf", "--1", "+-1", "1e9999999999", "1e-3"}) {
    EXPECT_EQ(decimal(text, 4, 2), "none") << text;
  }
  EXPECT_EQ(decimal(std::string(39, '9'), 38, 0), "none");
  EXPECT_EQ(decimal("1" + std::string(38, '0'), 38, 0), "none");
}

TEST(ParseDecimal, ReadsBackEveryValueItPrints) {
  std::mt19937_64 random(12);
  for (int i = 0; i < 100'000; ++i) {
    const int scale = static_cast<int>(random() % 30);
    const arrow::Decimal128 value(static_cast<std::int64_t>(random()) >> (2 + random() % 60),
                                  random());
    std::string digits = value.ToIntegerString();
    const bool negative = digits[0] == '-';
    if (negative) digits.erase(0, 1);
    if (digits.size() <= static_cast<std::size_t>(scale)) {
      digits.insert(0, static_cast<std::size_t>(scale) + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - static_cast<std::size_t>(scale), ".");
    if (negative) digits.insert(0, "-");
    arrow::Decimal128 back;
    ASSERT_TRUE(parse_decimal(digits, 38, scale, back)) << digits;
    EXPECT_EQ(back, value) << digits;
  }
}

TEST(HasLeadingZero, IsAboutDigitsThatWouldBeLost) {
  for (const char* text : {"007", "-01", "00", "01.5"}) EXPECT_TRUE(has_leading_zero(text)) << text;
  for (const char* text : {"0", "-0", "0.5", "10", "", "-"})
    EXPECT_FALSE(has_leading_zero(text)) << text;
}

}  // namespace
}  // namespace polarway
