#include "formats/json/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

namespace polarway::json {
namespace {

bool is_number(const std::string& text) {
  Number number;
  return read_number(text, number);
}

TEST(JsonNumber, TakesWhatRfc8259Does) {
  for (const char* text : {"0", "-0", "1", "-12", "1.5", "0.25", "1e5", "1E+5", "-1.5e-10", "0e0",
                           "18446744073709551616", "1e400"}) {
    EXPECT_TRUE(is_number(text)) << text;
  }
  for (const char* text : {"", "-", "+1", "01", "-01", "1.", ".5", "1.e3", "1e", "1e+", "0x1", "1 ",
                           "NaN", "Infinity", "-Infinity", "1a", "1.2.3", "--1", "1_000"}) {
    EXPECT_FALSE(is_number(text)) << text;
  }
}

TEST(JsonNumber, IntegersAreExactOrNoIntegers) {
  const auto int64 = [](const std::string& text) -> std::optional<std::int64_t> {
    Number number;
    std::int64_t value = 0;
    if (!read_number(text, number) || !number.to_int64(value)) return std::nullopt;
    return value;
  };
  const auto uint64 = [](const std::string& text) -> std::optional<std::uint64_t> {
    Number number;
    std::uint64_t value = 0;
    if (!read_number(text, number) || !number.to_uint64(value)) return std::nullopt;
    return value;
  };
  EXPECT_EQ(int64("9007199254740993"), 9007199254740993);
  EXPECT_EQ(int64("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(int64("9223372036854775808"), std::nullopt);
  EXPECT_EQ(int64("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(int64("-9223372036854775809"), std::nullopt);
  EXPECT_EQ(int64("1.0"), std::nullopt);
  EXPECT_EQ(int64("1e2"), std::nullopt);
  EXPECT_EQ(int64("-0"), 0);
  EXPECT_EQ(uint64("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(uint64("18446744073709551616"), std::nullopt);
  EXPECT_EQ(uint64("-1"), std::nullopt);
}

TEST(JsonNumber, DoublesAreNearestAndNeverRoundIntegers) {
  const auto real = [](const std::string& text) -> std::optional<double> {
    Number number;
    double value = 0;
    if (!read_number(text, number) || !number.to_double(value)) return std::nullopt;
    return value;
  };
  EXPECT_EQ(real("0.1"), 0.1);
  EXPECT_EQ(real("9007199254740992"), 9007199254740992.0);
  EXPECT_EQ(real("9007199254740993"), std::nullopt);
  EXPECT_EQ(real("1e400"), std::nullopt);
  EXPECT_EQ(real("1e-400"), std::nullopt);
  EXPECT_EQ(real("123456789012345678.25"), 123456789012345678.25);
  EXPECT_TRUE(std::signbit(*real("-0.0")));
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = std::to_string(random() % 10'000) + "." + std::to_string(random()) +
                             "e" + std::to_string(static_cast<int>(random() % 80) - 40);
    ASSERT_EQ(real(text), std::strtod(text.c_str(), nullptr)) << text;
  }
}

TEST(JsonNumber, ShortOnesAreReadAsAllOthersAre) {
  for (const char* text : {"0",      "-0",
                           "7",      "-7",
                           "10",     "123456789012345678",
                           "0.5",    "-0.25",
                           "1.0",    "12.3400",
                           "00",     "01",
                           "-01",    "",
                           "-",      ".5",
                           "1.",     "1.x",
                           "x",      "1e3",
                           "1.5E-2", "+1",
                           "--1",    "1-",
                           "1.2.3",  "1234567890123456789",
                           "0x1"}) {
    Number number;
    Number short_number;
    const bool is_number = read_number(text, number);
    if (!read_short_number(text, short_number)) continue;
    ASSERT_TRUE(is_number) << text;
    EXPECT_EQ(short_number.text, number.text);
    EXPECT_EQ(short_number.digits, number.digits) << text;
    EXPECT_EQ(short_number.exponent, number.exponent) << text;
    EXPECT_EQ(short_number.is_integer, number.is_integer) << text;
    EXPECT_EQ(short_number.is_negative, number.is_negative) << text;
  }
  Number number;
  for (const char* text : {"0", "-7", "123456789012345678", "-0.25", "12.3400"}) {
    EXPECT_TRUE(read_short_number(text, number)) << text;
  }
}

}  // namespace
}  // namespace polarway::json
