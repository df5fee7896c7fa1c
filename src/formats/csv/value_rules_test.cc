#include "formats/csv/value_rules.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace polarway::csv {
namespace {

std::string usual(const NumberMarks& marks, std::string_view text) {
  char room[NumberMarks::kMostCharacters];
  const std::optional<std::string_view> number = marks.usual(text, room);
  return number ? std::string(*number) : "none";
}

TEST(NumberMarks, GroupsAreOfThreeDigits) {
  const NumberMarks marks{.point = '.', .thousands = ','};
  EXPECT_EQ(usual(marks, "1,234,567.89"), "1234567.89");
  EXPECT_EQ(usual(marks, "-12,345"), "-12345");
  EXPECT_EQ(usual(marks, "1234567"), "1234567");
  EXPECT_EQ(usual(marks, "0.5"), "0.5");
  EXPECT_EQ(usual(marks, "1,000e3"), "1000e3");
  for (const char* text : {"1,23", "12,34,567", ",123", "1,2345", "1234,567", "1,,234", "1,234,",
                           "1.234,567", "1,234.5.6"}) {
    EXPECT_EQ(usual(marks, text), "none") << text;
  }
}

TEST(NumberMarks, ADecimalCommaTakesThePlaceOfThePoint) {
  const NumberMarks comma{.point = ',', .thousands = {}};
  EXPECT_EQ(usual(comma, "1,5"), "1.5");
  EXPECT_EQ(usual(comma, ",5"), ".5");
  EXPECT_EQ(usual(comma, "1,5e3"), "1.5e3");
  EXPECT_EQ(usual(comma, "nan"), "nan");
  for (const char* text : {"1.5", "1,5,6", "1,5.6"}) EXPECT_EQ(usual(comma, text), "none") << text;
  const NumberMarks german{.point = ',', .thousands = '.'};
  EXPECT_EQ(usual(german, "1.234.567,89"), "1234567.89");
  EXPECT_EQ(usual(german, "1.5"), "none");
}

TEST(NumberMarks, EveryNumberIsReadBackFromItsGroups) {
  const NumberMarks marks{.point = ',', .thousands = ' '};
  std::mt19937_64 random(5);
  for (int i = 0; i < 10'000; ++i) {
    const std::string digits = std::to_string(random() >> (random() % 64));
    std::string grouped = digits;
    for (std::size_t at = digits.size(); at > 3;) grouped.insert(at -= 3, " ");
    EXPECT_EQ(usual(marks, "-" + grouped + ",50"), "-" + digits + ".50");
  }
}

TEST(NumberMarks, WhatIsLongerThanTheRoomIsNoNumber) {
  const NumberMarks marks{.point = ',', .thousands = {}};
  EXPECT_EQ(usual(marks, std::string(128, '1')), std::string(128, '1'));
  EXPECT_EQ(usual(marks, std::string(129, '1')), "none");
}

TEST(FileRules, AColumnHasItsOwnAndTheOthersTheCommonOnes) {
  const FileRules rules(parse_csv_options({{"null_values", R"({"a": ["-1"]})"},
                                           {"date_format", R"({"b": "%d.%m.%Y"})"},
                                           {"timestamp_format", "%F %T"}})
                            .value());
  EXPECT_TRUE(rules.of("a").nulls.contains("-1"));
  EXPECT_FALSE(rules.of("b").nulls.contains("-1"));
  EXPECT_FALSE(rules.of("a").date_format);
  EXPECT_TRUE(rules.of("b").date_format);
  EXPECT_TRUE(rules.of("b").timestamp_format && rules.of("c").timestamp_format);
  EXPECT_EQ(rules.named_by().size(), 2U);
  EXPECT_EQ(rules.named_by().at("b"), "date_format");
}

}  // namespace
}  // namespace polarway::csv
