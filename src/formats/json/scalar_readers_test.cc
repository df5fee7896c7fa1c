#include "formats/json/scalar_readers.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "formats/json/characters.h"

namespace polarway::json {
namespace {

template <class T>
bool is_same(const T& a, const T& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;  // of floats, the bits
}

// What take() knows is what read() says, whatever stands around. Says whether it knows anything.
template <class Reader>
bool agrees(const Reader& reader, const std::string& token) {
  bool is_known = false;
  for (const char* const behind : {",", "}", "]", " ", "\n", "\r\n"}) {
    for (const char around : {'7', '"', '.', ' ', '\0'}) {
      const std::string padding(64, around);
      const std::string text = padding + token + behind + padding;
      const char* const at = text.data() + padding.size();
      const char* const end = at + token.size();
      typename Reader::type taken{};
      typename Reader::type read{};
      const char* const taken_to = reader.take(at, taken);
      // Another character there ends the record, or what is behind the value is looked at again.
      if (taken_to == nullptr || !ends_scalar(static_cast<std::uint8_t>(*taken_to))) continue;
      is_known = true;
      EXPECT_EQ(taken_to, end) << token << behind;
      EXPECT_TRUE(reader.read(token, read)) << token;
      EXPECT_TRUE(is_same(taken, read)) << token;
    }
  }
  return is_known;
}

std::vector<std::string> numbers() {
  return {"0",
          "-0",
          "7",
          "-12",
          "255",
          "256",
          "4294967296",
          "12.5",
          "-0.001",
          "1e5",
          "1E-3",
          "2.5e+3",
          "0.871331",
          "218274.1",
          "123456",
          "16777217",
          "0.1",
          "9007199254740993",
          "9223372036854775807",
          "-9223372036854775808",
          "1.7976931348623157e308",
          "0.30000000000000004"};
}

// Numbers with a character more, less, or another.
std::vector<std::string> bent(const std::vector<std::string>& texts, std::string_view letters) {
  std::mt19937 random(7);
  std::vector<std::string> result;
  for (int i = 0; i < 4'000; ++i) {
    std::string text = texts[random() % texts.size()];
    for (int changes = 1 + static_cast<int>(random() % 3); changes > 0 && !text.empty();
         --changes) {
      const std::size_t at = random() % text.size();
      const char letter = letters[random() % letters.size()];
      switch (random() % 3) {
        case 0:
          text[at] = letter;
          break;
        case 1:
          text.insert(at, 1, letter);
          break;
        default:
          text.erase(at, 1);
      }
    }
    result.push_back(text);
  }
  return result;
}

template <class Reader>
void check(const Reader& reader, const std::vector<std::string>& usual, std::string_view letters) {
  for (const std::string& token : bent(usual, letters)) agrees(reader, token);
}

TEST(ScalarReaders, WhatIsTakenQuicklyIsWhatIsRead) {
  constexpr std::string_view kOfNumbers = "0123456789-+.eE";
  check(IntegerReader<std::int64_t>(), numbers(), kOfNumbers);
  check(IntegerReader<std::uint64_t>(), numbers(), kOfNumbers);
  check(IntegerReader<std::int8_t>(), numbers(), kOfNumbers);
  check(IntegerReader<std::uint32_t>(), numbers(), kOfNumbers);
  check(DoubleReader(), numbers(), kOfNumbers);
  check(FloatReader(), numbers(), kOfNumbers);
  check(DecimalReader{12, 3}, numbers(), kOfNumbers);
  check(BooleanReader(), {"true", "false"}, "truefalsTF");
  check(DateReader(), {"\"2024-02-29\"", "\"1900-02-28\""}, "0123456789-\"\\ ");
  const std::vector<std::string> times = {"\"2024-02-29T23:59:59\"", "\"2024-02-29 00:00:00.25\"",
                                          "\"1999-12-31T23:59:59.5Z\"",
                                          "\"2024-02-29T23:59:59+01:00\""};
  check(TimestampReader<1'000'000>{false}, times, "0123456789-:.TZ+\"\\ ");
  check(TimestampReader<1>{true}, times, "0123456789-:.TZ+\"\\ ");
}

TEST(ScalarReaders, UsualValuesAreTakenQuickly) {
  for (const char* number : {"0", "-0", "7", "-12", "123456789012"}) {
    EXPECT_TRUE(agrees(IntegerReader<std::int64_t>(), number)) << number;
    EXPECT_TRUE(agrees(DoubleReader(), number)) << number;
  }
  for (const char* number : {"0.5", "-12.25", "1e5", "0.30000000000000004"}) {
    EXPECT_TRUE(agrees(DoubleReader(), number)) << number;
  }
  EXPECT_TRUE(agrees(FloatReader(), "0.1"));
  EXPECT_TRUE(agrees(DecimalReader{12, 3}, "-12.250"));
  EXPECT_TRUE(agrees(BooleanReader(), "true"));
  EXPECT_TRUE(agrees(BooleanReader(), "false"));
  EXPECT_TRUE(agrees(DateReader(), "\"2024-02-29\""));
  EXPECT_TRUE(agrees(TimestampReader<1'000>{false}, "\"2024-02-29 23:59:59.5\""));
  EXPECT_TRUE(agrees(TimestampReader<1'000>{true}, "\"2024-02-29T23:59:59Z\""));
}

TEST(ScalarReaders, WhatIsNoNumberInJsonIsNotTaken) {
  for (const char* text : {"", "-", "+1", ".5", "-.5", "5.", "1.e5", "1e", "1e+", "01", "-01",
                           "00.5", "0x1", "NaN", "inf", "1-5", "1.5.5", "null"}) {
    EXPECT_FALSE(agrees(IntegerReader<std::int64_t>(), text)) << text;
    EXPECT_FALSE(agrees(DoubleReader(), text)) << text;
    EXPECT_FALSE(agrees(FloatReader(), text)) << text;
    EXPECT_FALSE(agrees(DecimalReader{12, 3}, text)) << text;
  }
}

}  // namespace
}  // namespace polarway::json
