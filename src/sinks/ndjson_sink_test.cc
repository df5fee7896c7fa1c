#include "sinks/ndjson_sink.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "support/temporary_folder.h"

namespace polarway {
namespace {

using ::testing::HasSubstr;
using testing::read_text;
using testing::TemporaryFolder;

std::shared_ptr<arrow::Array> array(const std::shared_ptr<arrow::DataType>& type,
                                    const std::string& json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

DataFrame frame(const std::string& name, const std::shared_ptr<arrow::Array>& values) {
  return DataFrame(arrow::RecordBatch::Make(arrow::schema({arrow::field(name, values->type())}),
                                            values->length(), {values}));
}

struct Written {
  std::string text;
  std::optional<SourceError> error;
};

Written write(const DataFrame& rows, std::map<std::string, std::string> options = {}) {
  const TemporaryFolder folder;
  const std::string path = folder / "out.ndjson";
  auto sink = make_sink({.path = path,
                         .format = "",
                         .schema = rows.schema(),
                         .budget = MemoryBudget::make(64 << 20),
                         .options = std::move(options)});
  if (!sink) return {"", sink.error()};
  if (auto written = (*sink)->write(rows); !written) return {"", written.error()};
  if (auto finished = (*sink)->finish(); !finished) return {"", finished.error()};
  return {read_text(path), {}};
}

std::string text_of(const std::shared_ptr<arrow::Array>& values) {
  const Written written = write(frame("a", values));
  EXPECT_FALSE(written.error) << written.error->to_string();
  return written.text;
}

TEST(NdjsonSink, NumbersHaveAllTheirDigits) {
  EXPECT_EQ(text_of(array(arrow::int64(), "[9007199254740993, null, -9223372036854775808]")),
            "{\"a\":9007199254740993}\n{\"a\":null}\n{\"a\":-9223372036854775808}\n");
  EXPECT_EQ(text_of(array(arrow::uint64(), "[18446744073709551615]")),
            "{\"a\":18446744073709551615}\n");
  EXPECT_EQ(text_of(array(arrow::float64(), "[1, 0.1, -0.0, 1e300]")),
            "{\"a\":1.0}\n{\"a\":0.1}\n{\"a\":-0.0}\n{\"a\":1e+300}\n");
  EXPECT_EQ(text_of(array(arrow::decimal128(38, 2), "[\"123456789012345678901234567890.50\"]")),
            "{\"a\":123456789012345678901234567890.50}\n");
}

TEST(NdjsonSink, TextIsEscapedWhereJsonWantsItAndOnlyThere) {
  EXPECT_EQ(text_of(array(arrow::utf8(), R"(["x\"\\/\b\n\u0001é", ""])")),
            "{\"a\":\"x\\\"\\\\/\\b\\n\\u0001é\"}\n{\"a\":\"\"}\n");
  EXPECT_EQ(write(frame("q\"\n", array(arrow::boolean(), "[true]"))).text, "{\"q\\\"\\n\":true}\n");
}

TEST(NdjsonSink, DatesAndTimesAreIso8601) {
  EXPECT_EQ(text_of(array(arrow::date32(), "[19782]")), "{\"a\":\"2024-02-29\"}\n");
  EXPECT_EQ(text_of(array(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), "[1]")),
            "{\"a\":\"1970-01-01T00:00:00.000001Z\"}\n");
  EXPECT_EQ(text_of(array(arrow::time32(arrow::TimeUnit::SECOND), "[86399]")),
            "{\"a\":\"23:59:59\"}\n");
}

TEST(NdjsonSink, ListsAndStructsNest) {
  const auto type = arrow::list(arrow::struct_(
      {arrow::field("x", arrow::int64()), arrow::field("y", arrow::list(arrow::utf8()))}));
  const auto values =
      array(type, R"([[{"x": 1, "y": ["p", null]}, null], null, [], [{"x": null, "y": []}]])");
  EXPECT_EQ(text_of(values),
            "{\"a\":[{\"x\":1,\"y\":[\"p\",null]},null]}\n{\"a\":null}\n{\"a\":[]}\n"
            "{\"a\":[{\"x\":null,\"y\":[]}]}\n");
  EXPECT_EQ(text_of(values->Slice(2)), "{\"a\":[]}\n{\"a\":[{\"x\":null,\"y\":[]}]}\n");
}

TEST(NdjsonSink, SlicesOfStructsAndDictionariesAreTheirRows) {
  const auto objects =
      array(arrow::struct_({arrow::field("x", arrow::int8())}), R"([{"x": 1}, {"x": 2}, null])");
  EXPECT_EQ(text_of(objects->Slice(1)), "{\"a\":{\"x\":2}}\n{\"a\":null}\n");
  const auto words = arrow::DictionaryArray::FromArrays(array(arrow::int8(), "[1, 0, null, 1]"),
                                                        array(arrow::utf8(), "[\"no\", \"yes\"]"))
                         .ValueOrDie();
  EXPECT_EQ(text_of(words->Slice(1)), "{\"a\":\"no\"}\n{\"a\":null}\n{\"a\":\"yes\"}\n");
}

TEST(NdjsonSink, WhatJsonHasNotIsAnErrorUnlessNullIsAskedFor) {
  arrow::DoubleBuilder builder;
  ASSERT_TRUE(
      builder.AppendValues({1.0, std::nan(""), std::numeric_limits<double>::infinity()}).ok());
  const DataFrame rows = frame("a", builder.Finish().ValueOrDie());
  const Written refused = write(rows);
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->kind, ErrorKind::Schema);
  EXPECT_EQ(refused.error->where.row, 2);
  EXPECT_EQ(refused.error->where.column, "a");
  EXPECT_EQ(write(rows, {{"non_finite", "null"}}).text,
            "{\"a\":1.0}\n{\"a\":null}\n{\"a\":null}\n");
  EXPECT_EQ(write(frame("a", array(arrow::date32(), "[10000000]"))).error->kind, ErrorKind::Schema);
  EXPECT_EQ(write(frame("a", array(arrow::binary(), "[\"x\"]"))).error->kind, ErrorKind::Config);
}

TEST(NdjsonSink, AfterAResumeTheFileIsAsIfNothingHadHappened) {
  const TemporaryFolder folder;
  const std::string path = folder / "out.ndjson";
  const DataFrame rows = frame("a", array(arrow::int64(), "[1, 2, 3]"));
  const auto sink_for = [&] {
    auto sink = make_sink({.path = path,
                           .format = "ndjson",
                           .schema = rows.schema(),
                           .budget = MemoryBudget::make(64 << 20)});
    EXPECT_TRUE(sink);
    return *std::move(sink);
  };
  std::unique_ptr<Sink> first = sink_for();
  ASSERT_TRUE(first->write(rows));
  const auto position = first->sync();
  ASSERT_TRUE(position) << position.error().to_string();
  ASSERT_TRUE(first->write(rows));
  first.reset();
  std::unique_ptr<Sink> second = sink_for();
  ASSERT_TRUE(second->resume(*position));
  ASSERT_TRUE(second->write(rows));
  ASSERT_TRUE(second->finish());
  EXPECT_EQ(read_text(path), "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
}

}  // namespace
}  // namespace polarway
