#include "polarway/schema.h"

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace polarway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Schema kPeople({{"name", DataType::String}, {"age", DataType::Int64, false}});

std::string error_of(std::string_view json) {
  const Result<Schema> got = Schema::from_json(json);
  if (got) return "no error";
  EXPECT_EQ(got.error().kind, ErrorKind::Config);
  return got.error().message;
}

TEST(Schema, JsonNamesTypesAndNullabilityInOrder) {
  EXPECT_EQ(kPeople.to_json(), R"({"fields":[{"name":"name","type":"string","nullable":true},)"
                               R"({"name":"age","type":"int64","nullable":false}]})");
  EXPECT_EQ(Schema().to_json(), R"({"fields":[]})");
}

TEST(Schema, WhatItWritesItReadsBack) {
  const Schema wild({{"", DataType::Date},
                     {"fields", DataType::Boolean},
                     {"a\"b\\c\n😀", DataType::TimestampUtc}});
  for (const Schema& schema : {Schema(), kPeople, wild}) {
    const Result<Schema> back = Schema::from_json(schema.to_json());
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, schema);
  }
}

TEST(Schema, TheShortFormKeepsItsOrder) {
  const Result<Schema> got = Schema::from_json(R"({"z": "Utf8", "a": "int", "fields": "date"})");
  ASSERT_TRUE(got);
  EXPECT_EQ(*got,
            Schema({{"z", DataType::String}, {"a", DataType::Int64}, {"fields", DataType::Date}}));
}

TEST(Schema, ADefaultFieldIsNullable) {
  EXPECT_EQ(*Schema::from_json(R"({"fields": [{"type": "date", "name": "day"}]})"),
            Schema({{"day", DataType::Date}}));
}

TEST(Schema, WhatIsNoSchemaIsAConfigError) {
  EXPECT_THAT(error_of(""), HasSubstr("is not a JSON object"));
  EXPECT_THAT(error_of("{\"a\": \"int64\""), HasSubstr("is not a JSON object"));
  EXPECT_THAT(error_of("[]"), HasSubstr("is not a JSON object"));
  EXPECT_THAT(error_of(R"({"a": 1})"), HasSubstr("the type of \"a\" is not a string"));
  EXPECT_THAT(error_of(R"({"a": "x"})"), HasSubstr("the type of \"a\": \"x\" is not a type"));
  EXPECT_THAT(error_of(R"({"fields": ["a"]})"), HasSubstr("field 0 is not an object"));
  EXPECT_THAT(error_of(R"({"fields": [{"name": "a"}]})"), HasSubstr("\"a\" has no type"));
  EXPECT_THAT(error_of(R"({"fields": [{"type": "date"}]})"), HasSubstr("field 0 has no name"));
  EXPECT_THAT(error_of(R"({"fields": [{"name": "a", "type": "date", "nulable": true}]})"),
              HasSubstr("\"nulable\""));
  EXPECT_THAT(error_of(R"({"fields": [{"name": "a", "type": "date", "nullable": 1}]})"),
              HasSubstr("nullable of \"a\""));
  EXPECT_THAT(error_of(R"({"fields": [], "more": "date"})"), HasSubstr("beside other keys"));
}

TEST(Schema, ANameThatOccursTwiceIsRefused) {
  EXPECT_THAT(error_of(R"({"a": "date", "a": "int64"})"), HasSubstr("\"a\" occurs twice"));
  EXPECT_THAT(error_of(R"({"": "date", "": "int64"})"), HasSubstr("\"\" occurs twice"));
  EXPECT_THAT(
      error_of(R"({"fields": [{"name": "a", "type": "date"}, {"name": "a", "type": "date"}]})"),
      HasSubstr("\"a\" occurs twice"));
}

TEST(Schema, ANameThatIsNoUtf8DoesNotThrow) {
  EXPECT_THAT(Schema({{"\xFF", DataType::Date}}).to_json(), HasSubstr("\"type\":\"date\""));
}

TEST(Schema, TextHasOneLinePerColumn) {
  EXPECT_EQ(kPeople.to_string(), "name: string\nage: int64 not null");
  EXPECT_EQ(Schema({{"a\nb: int64", DataType::Date}}).to_string(), "\"a\\nb: int64\": date");
  EXPECT_EQ(Schema().to_string(), "");
}

TEST(Schema, ColumnsAreFoundByName) {
  EXPECT_EQ(kPeople.num_fields(), 2);
  EXPECT_THAT(kPeople.names(), ElementsAre("name", "age"));
  EXPECT_EQ(kPeople.index_of("age"), 1);
  EXPECT_EQ(kPeople.index_of("AGE"), -1);
  EXPECT_EQ(kPeople.field(1).name, "age");
  EXPECT_FALSE(kPeople.field(1).nullable);
  EXPECT_EQ(
      Schema({{"a", DataType::Date}, {"b", DataType::Date}, {"b", DataType::Date}}).index_of("b"),
      1);
}

TEST(Schema, EqualityIsNamesTypesNullabilityAndOrder) {
  EXPECT_EQ(kPeople, Schema({{"name", DataType::String}, {"age", DataType::Int64, false}}));
  EXPECT_NE(kPeople, Schema({{"name", DataType::String}, {"age", DataType::Int64}}));
  EXPECT_NE(kPeople, Schema({{"age", DataType::Int64, false}, {"name", DataType::String}}));
  const Schema with_metadata(
      kPeople.arrow()->WithMetadata(arrow::key_value_metadata({"k"}, {"v"})));
  EXPECT_EQ(kPeople, with_metadata);
}

}  // namespace
}  // namespace polarway
