#include "formats/csv/infer.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace polarway::csv {
namespace {

std::string type_of(std::initializer_list<const char*> fields,
                    std::map<std::string, std::string> options = {{"null_values", "NA"}}) {
  const FileRules rules(parse_csv_options(options).value());
  TypeGuess guess(rules.of("x"));
  for (const char* field : fields) guess.see(field, {});
  return guess.type().to_string();
}

TEST(TypeGuess, IsTheFirstTypeThatFitsAllFields) {
  EXPECT_EQ(type_of({"true", "False"}), "bool");
  EXPECT_EQ(type_of({"1", "-2"}), "int64");
  EXPECT_EQ(type_of({"1", "2.5"}), "float64");
  EXPECT_EQ(type_of({"2024-01-01"}), "date");
  EXPECT_EQ(type_of({"2024-01-01T00:00:00"}), "timestamp[us]");
  EXPECT_EQ(type_of({"2024-01-01T00:00:00Z", "2024-01-01T00:00:00+02:00"}), "timestamp[us, UTC]");
  EXPECT_EQ(type_of({"1", "x"}), "string");
}

TEST(TypeGuess, IgnoresNulls) {
  EXPECT_EQ(type_of({"", "NA", "\"\"", "7"}), "int64");
  EXPECT_EQ(type_of({"", "NA"}), "string");
  EXPECT_EQ(type_of({}), "string");
}

TEST(TypeGuess, IsTextWhereTypesDisagree) {
  EXPECT_EQ(type_of({"1", "true"}), "string");
  EXPECT_EQ(type_of({"2024-01-01", "2024-01-01T00:00:00"}), "string");
  EXPECT_EQ(type_of({"2024-01-01T00:00:00Z", "2024-01-01T00:00:00"}), "string");
}

TEST(TypeGuess, IsTextWhereANumberWouldLoseSomething) {
  EXPECT_EQ(type_of({"007"}), "string");
  EXPECT_EQ(type_of({"9223372036854775808"}), "string");
  EXPECT_EQ(type_of({"1.5", "9007199254740993"}), "string");
}

TEST(TypeGuess, KnowsHowLongFieldsAre) {
  const ValueRules rules;
  TypeGuess guess(rules);
  EXPECT_EQ(guess.bytes_per_field(), 0);
  guess.see("ab", {});
  guess.see("abcd", {});
  EXPECT_EQ(guess.bytes_per_field(), 3);
}

TEST(TypeGuess, FollowsTheRulesOfTheColumn) {
  EXPECT_EQ(type_of({"2024-01-01"}, {{"try_parse_dates", "false"}}), "string");
  EXPECT_EQ(type_of({"31.12.2024"}, {{"date_format", "%d.%m.%Y"}}), "date");
  EXPECT_EQ(type_of({"2024-01-01"}, {{"date_format", "%d.%m.%Y"}}), "string");
  EXPECT_EQ(type_of({"31.12.2024"}, {{"date_format", R"({"x": "%d.%m.%Y"})"}}), "date");
  EXPECT_EQ(type_of({"31.12.2024"}, {{"date_format", R"({"y": "%d.%m.%Y"})"}}), "string");
  EXPECT_EQ(type_of({"31.12.24 7pm"}, {{"timestamp_format", "%d.%m.%y %I%p"}}), "timestamp[us]");
  EXPECT_EQ(type_of({"1,5", "2"}, {{"decimal_comma", "true"}}), "float64");
  EXPECT_EQ(type_of({"1.5"}, {{"decimal_comma", "true"}}), "string");
  EXPECT_EQ(type_of({"1,234", "56"}, {{"thousands", ","}}), "int64");
  EXPECT_EQ(type_of({"1,23"}, {{"thousands", ","}}), "string");
  EXPECT_EQ(type_of({"ja", "nein"}, {{"true_values", "ja"}, {"false_values", "nein"}}), "bool");
  EXPECT_EQ(type_of({"true"}, {{"true_values", "ja"}, {"false_values", "nein"}}), "string");
  EXPECT_EQ(type_of({"\"NA\"", "1"}, {{"null_values", "NA"}, {"quoted_can_be_null", "no"}}),
            "string");
}

TEST(TypeGuess, TakesTimesWithoutAZoneForThoseOfTheOne) {
  const std::map<std::string, std::string> paris = {{"time_zone", "Europe/Paris"}};
  EXPECT_EQ(type_of({"2024-01-01T00:00:00"}, paris), "timestamp[us, Europe/Paris]");
  EXPECT_EQ(type_of({"2024-01-01T00:00:00Z"}, paris), "timestamp[us, UTC]");
  EXPECT_EQ(type_of({"2024-01-01T00:00:00Z", "2024-01-01T00:00:00"}, paris), "timestamp[us, UTC]");
}

}  // namespace
}  // namespace polarway::csv
