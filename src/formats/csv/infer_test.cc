#include "formats/csv/infer.h"

#include <gtest/gtest.h>

namespace polarway::csv {
namespace {

std::string type_of(std::initializer_list<const char*> fields) {
  const NullValues nulls({"NA"});
  TypeGuess guess;
  for (const char* field : fields) guess.see(field, {}, nulls);
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
  const NullValues nulls({});
  TypeGuess guess;
  EXPECT_EQ(guess.bytes_per_field(), 0);
  guess.see("ab", {}, nulls);
  guess.see("abcd", {}, nulls);
  EXPECT_EQ(guess.bytes_per_field(), 3);
}

}  // namespace
}  // namespace polarway::csv
