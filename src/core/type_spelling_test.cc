#include "core/type_spelling.h"

#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "polarway/schema.h"

namespace polarway {
namespace {

using arrow::TimeUnit;
using ::testing::HasSubstr;

TEST(TypeSpelling, EveryTypeIsReadBackFromItsSpelling) {
  const std::vector<std::shared_ptr<arrow::DataType>> types = {
      arrow::int8(),
      arrow::int16(),
      arrow::int32(),
      arrow::int64(),
      arrow::uint8(),
      arrow::uint16(),
      arrow::uint32(),
      arrow::uint64(),
      arrow::float16(),
      arrow::float32(),
      arrow::float64(),
      arrow::boolean(),
      arrow::null(),
      arrow::utf8(),
      arrow::large_utf8(),
      arrow::utf8_view(),
      arrow::binary(),
      arrow::large_binary(),
      arrow::binary_view(),
      arrow::fixed_size_binary(16),
      arrow::date32(),
      arrow::date64(),
      arrow::time32(TimeUnit::SECOND),
      arrow::time32(TimeUnit::MILLI),
      arrow::time64(TimeUnit::MICRO),
      arrow::time64(TimeUnit::NANO),
      arrow::duration(TimeUnit::SECOND),
      arrow::duration(TimeUnit::NANO),
      arrow::timestamp(TimeUnit::SECOND),
      arrow::timestamp(TimeUnit::MILLI, "+02:00"),
      arrow::timestamp(TimeUnit::MICRO, "America/Port-au-Prince"),
      arrow::timestamp(TimeUnit::NANO, "UTC"),
      arrow::decimal128(10, 2),
      arrow::decimal128(38, -3),
      arrow::decimal256(70, 10),
      arrow::list(arrow::int8()),
      arrow::large_list(arrow::field("item", arrow::utf8(), /*nullable=*/false)),
      arrow::struct_(arrow::FieldVector{}),
      arrow::struct_({arrow::field("a", arrow::int64()),
                      arrow::field("b \"c\": ]", arrow::date32(), false),
                      arrow::field("d", arrow::list(arrow::decimal128(5, 1)))}),
      arrow::map(arrow::utf8(), arrow::int64()),
      arrow::dictionary(arrow::int32(), arrow::utf8())};
  for (const auto& type : types) {
    const auto back = parse_type(spell_type(*type));
    ASSERT_TRUE(back) << spell_type(*type);
    EXPECT_TRUE((*back)->Equals(*type)) << spell_type(*type) << " became " << (*back)->ToString();
  }
}

TEST(TypeSpelling, TheNamedTypesAreSpelledAsPromised) {
  EXPECT_EQ(DataType::Int64.to_string(), "int64");
  EXPECT_EQ(DataType::Float64.to_string(), "float64");
  EXPECT_EQ(DataType::Boolean.to_string(), "bool");
  EXPECT_EQ(DataType::String.to_string(), "string");
  EXPECT_EQ(DataType::Date.to_string(), "date");
  EXPECT_EQ(DataType::Timestamp.to_string(), "timestamp[us]");
  EXPECT_EQ(DataType::TimestampUtc.to_string(), "timestamp[us, UTC]");
  EXPECT_EQ(
      spell_type(*arrow::struct_({arrow::field("a b", arrow::list(arrow::float32()), false)})),
      "struct[\"a b\": list[float32] not null]");
}

TEST(TypeSpelling, AliasesOfOtherSystemsAreRead) {
  const std::vector<std::pair<std::string, DataType>> aliases = {
      {"utf8", DataType::String},
      {"str", DataType::String},
      {"VARCHAR", DataType::String},
      {"double", DataType::Float64},
      {"float", DataType::Float64},
      {"Float64", DataType::Float64},
      {"boolean", DataType::Boolean},
      {"Boolean", DataType::Boolean},
      {"Int64", DataType::Int64},
      {"int", DataType::Int64},
      {"BIGINT", DataType::Int64},
      {"date32", DataType::Date},
      {"datetime", DataType::Timestamp},
      {"Datetime(us)", DataType::Timestamp},
      {"timestamp", DataType::Timestamp},
      {" timestamp[ us , tz=UTC ] ", DataType::TimestampUtc},
      {"timestamptz", DataType::TimestampUtc},
      {"decimal128(5,2)", DataType(arrow::decimal128(5, 2))},
      {"DECIMAL(5)", DataType(arrow::decimal128(5, 0))},
      {"time64[ns]", DataType(arrow::time64(TimeUnit::NANO))},
      {"time", DataType(arrow::time64(TimeUnit::MICRO))},
      {"List(Int64)", DataType(arrow::list(arrow::int64()))},
      {"list<utf8>", DataType(arrow::list(arrow::utf8()))}};
  for (const auto& [text, type] : aliases) {
    const Result<DataType> got = DataType::parse(text);
    ASSERT_TRUE(got) << text;
    EXPECT_EQ(*got, type) << text;
  }
}

TEST(TypeSpelling, WhatIsNoTypeIsAConfigError) {
  for (const char* text : {"",
                           " ",
                           "int65",
                           "int64 int64",
                           "int64[]",
                           "int64]",
                           "list",
                           "list[]",
                           "list[int64",
                           "list[int64)",
                           "list[int64, int64]",
                           "timestamp[]",
                           "timestamp[h]",
                           "timestamp[us,]",
                           "timestamp[us, UTC",
                           "timestamp[us, a b]",
                           "decimal",
                           "decimal()",
                           "decimal(0, 0)",
                           "decimal(39, 2)",
                           "decimal(3, 4)",
                           "decimal(3, x)",
                           "struct",
                           "struct[a]",
                           "struct[a: int64,]",
                           "struct[\"a: int64]",
                           "map[int64]",
                           "dictionary[string, int64]",
                           "fixed_size_binary[-1]",
                           "datetime[us, tz=]"}) {
    const Result<DataType> got = DataType::parse(text);
    ASSERT_FALSE(got) << text << " became " << got->to_string();
    EXPECT_EQ(got.error().kind, ErrorKind::Config);
    EXPECT_THAT(got.error().message, HasSubstr("is not a type")) << text;
  }
  EXPECT_EQ(DataType::parse("timestmp").error().hint, "did you mean \"timestamp\"?");
}

TEST(TypeSpelling, NestingBeyondReasonIsRefusedNotFollowed) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "list[";
  EXPECT_FALSE(DataType::parse(deep));
}

}  // namespace
}  // namespace polarway
