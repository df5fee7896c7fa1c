#include "digest.h"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace polarway::cli {
namespace {

using testing::HasSubstr;

template <class Builder, class Value>
DataFrame column_of(const std::vector<std::optional<Value>>& values, Builder&& builder) {
  for (const auto& value : values) {
    EXPECT_TRUE((value ? builder.Append(*value) : builder.AppendNull()).ok());
  }
  const std::shared_ptr<arrow::Array> array = builder.Finish().ValueOrDie();
  const auto schema = arrow::schema({arrow::field("x", array->type())});
  return DataFrame(arrow::RecordBatch::Make(schema, array->length(), {array}));
}

DataFrame ints(const std::vector<std::optional<std::int64_t>>& values) {
  return column_of(values, arrow::Int64Builder());
}

std::string digest_of(const std::vector<DataFrame>& frames) {
  Digest digest(frames.front().schema());
  for (const DataFrame& frame : frames) digest.add(frame);
  return digest.to_json();
}

// What stands between "digest":" and the next quote.
std::string hash_in(const std::string& json) {
  return json.substr(json.find("digest\":\"") + 9, 16);
}

TEST(Digest, DependsNeitherOnOrderNorOnChunks) {
  const std::string whole = digest_of({ints({1, 2, std::nullopt, 3})});
  EXPECT_EQ(digest_of({ints({3, 2}), ints({1, std::nullopt})}), whole);
  EXPECT_EQ(digest_of({ints({0, 3, std::nullopt, 2, 1, 0}).slice(1, 4)}), whole);
}

TEST(Digest, ChangesWithEveryValue) {
  const std::string whole = digest_of({ints({1, 2, 3})});
  EXPECT_NE(hash_in(digest_of({ints({1, 2, 4})})), hash_in(whole));
  EXPECT_NE(hash_in(digest_of({ints({2, 2, 2})})), hash_in(whole));  // same sum
  EXPECT_NE(hash_in(digest_of({ints({1, 2, 3, std::nullopt})})), hash_in(whole));
}

TEST(Digest, AddsUpIntegersBeyond64Bits) {
  const std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  EXPECT_THAT(digest_of({ints({largest, largest})}), HasSubstr("\"sum\":18446744073709551614"));
}

TEST(Digest, CountsTheNulls) {
  EXPECT_THAT(digest_of({ints({1, std::nullopt, std::nullopt})}),
              HasSubstr("\"nulls\":2,\"sum\":1"));
}

TEST(Digest, TellsEmptyTextFromNone) {
  const auto texts = [](const std::vector<std::optional<std::string>>& values) {
    return digest_of({column_of(values, arrow::StringBuilder())});
  };
  EXPECT_NE(hash_in(texts({"a", ""})), hash_in(texts({"a", std::nullopt})));
  EXPECT_THAT(texts({"a", "bcd"}), HasSubstr("\"sum\":4"));
}

TEST(Digest, IsTheSameForAllWidthsOfAnInteger) {
  const DataFrame narrow =
      column_of<arrow::Int8Builder, std::int8_t>({-1, 5}, arrow::Int8Builder());
  EXPECT_EQ(hash_in(digest_of({narrow})), hash_in(digest_of({ints({-1, 5})})));
}

TEST(Digest, WritesSumsThatAreNotFiniteAsText) {
  const double infinity = std::numeric_limits<double>::infinity();
  const DataFrame frame =
      column_of<arrow::DoubleBuilder, double>({infinity}, arrow::DoubleBuilder());
  EXPECT_THAT(digest_of({frame}), HasSubstr("\"sum\":\"inf\""));
}

}  // namespace
}  // namespace polarway::cli
