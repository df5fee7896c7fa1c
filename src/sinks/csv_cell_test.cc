#include "sinks/csv_cell.h"

#include <arrow/type.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

namespace polarway {
namespace {

using Unit = arrow::TimeUnit;

template <class... Arguments>
std::string text_of(char* (*write)(char*, Arguments...),
                    std::type_identity_t<Arguments>... values) {
  char text[kMaxCsvCell];
  char* const end = write(text, values...);
  return end == nullptr ? "none" : std::string(text, end);
}

std::string of_double(double value) { return text_of<double>(write_float, value); }

std::string of_decimal(std::int64_t value, int scale) {
  std::uint8_t bytes[16];
  for (int i = 0; i < 16; ++i) {
    bytes[i] = static_cast<std::uint8_t>(i < 8 ? value >> (8 * i) : value >> 63);
  }
  return text_of<const std::uint8_t*, int>(write_decimal, bytes, scale);
}

TEST(CsvCell, IntegersHaveAllTheirDigits) {
  EXPECT_EQ(text_of(write_int, INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(text_of(write_uint, UINT64_MAX), "18446744073709551615");
}

TEST(CsvCell, FloatsLookLikeFloats) {
  EXPECT_EQ(of_double(1), "1.0");
  EXPECT_EQ(of_double(-0.0), "-0.0");
  EXPECT_EQ(of_double(0.1), "0.1");
  EXPECT_EQ(of_double(1e22), "1e+22");
  EXPECT_EQ(of_double(std::nan("")), "NaN");
  EXPECT_EQ(of_double(INFINITY), "inf");
  EXPECT_EQ(of_double(-INFINITY), "-inf");
  EXPECT_EQ(text_of<float>(write_float, 0.1f), "0.1");
}

TEST(CsvCell, EveryDoubleReadsBackAsItself) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (std::isnan(value)) continue;
    ASSERT_EQ(std::strtod(of_double(value).c_str(), nullptr), value) << of_double(value);
  }
}

TEST(CsvCell, DatesExistFromTheYear0000To9999) {
  EXPECT_EQ(text_of(write_date, 0), "1970-01-01");
  EXPECT_EQ(text_of(write_date, -1), "1969-12-31");
  EXPECT_EQ(text_of(write_date, 11'016), "2000-02-29");
  EXPECT_EQ(text_of(write_date, -719'528), "0000-01-01");
  EXPECT_EQ(text_of(write_date, -719'529), "none");
  EXPECT_EQ(text_of(write_date, 2'932'896), "9999-12-31");
  EXPECT_EQ(text_of(write_date, 2'932'897), "none");
  EXPECT_EQ(text_of(write_date, INT64_MAX), "none");
}

TEST(CsvCell, TimestampsHaveTheDigitsOfTheirUnitUnlessZeros) {
  EXPECT_EQ(text_of(write_timestamp, 0, Unit::SECOND, false), "1970-01-01T00:00:00");
  EXPECT_EQ(text_of(write_timestamp, 0, Unit::MICRO, true), "1970-01-01T00:00:00Z");
  EXPECT_EQ(text_of(write_timestamp, 1'500, Unit::MILLI, false), "1970-01-01T00:00:01.500");
  EXPECT_EQ(text_of(write_timestamp, -1, Unit::MICRO, true), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(text_of(write_timestamp, 1, Unit::NANO, false), "1970-01-01T00:00:00.000000001");
  EXPECT_EQ(text_of(write_timestamp, INT64_MIN, Unit::NANO, false),
            "1677-09-21T00:12:43.145224192");
  EXPECT_EQ(text_of(write_timestamp, INT64_MIN, Unit::MICRO, false), "none");
  EXPECT_EQ(text_of(write_timestamp, INT64_MAX, Unit::SECOND, false), "none");
}

TEST(CsvCell, TimesLieWithinADay) {
  EXPECT_EQ(text_of(write_time, 86'399'999, Unit::MILLI), "23:59:59.999");
  EXPECT_EQ(text_of(write_time, 86'400, Unit::SECOND), "none");
  EXPECT_EQ(text_of(write_time, -1, Unit::NANO), "none");
}

TEST(CsvCell, DecimalsArePlainDigits) {
  EXPECT_EQ(of_decimal(12'345, 2), "123.45");
  EXPECT_EQ(of_decimal(-5, 2), "-0.05");
  EXPECT_EQ(of_decimal(0, 3), "0.000");
  EXPECT_EQ(of_decimal(7, 0), "7");
  EXPECT_EQ(of_decimal(7, -3), "7000");
  EXPECT_EQ(of_decimal(0, -3), "0");
  EXPECT_EQ(of_decimal(1, 38), "0." + std::string(37, '0') + "1");
  std::uint8_t lowest[16] = {};
  lowest[15] = 0x80;
  EXPECT_EQ((text_of<const std::uint8_t*, int>(write_decimal, lowest, 0)),
            "-170141183460469231731687303715884105728");
}

}  // namespace
}  // namespace polarway
