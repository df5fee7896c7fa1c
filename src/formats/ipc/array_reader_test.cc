#include "formats/ipc/array_reader.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "polarway/memory.h"
#include "support/ipc_message.h"

namespace polarway::ipc {
namespace {

using polarway::testing::IpcColumn;
using ::testing::HasSubstr;

struct Sample {
  std::shared_ptr<arrow::DataType> type;
  const char* json;
};

std::vector<Sample> samples() {
  using namespace arrow;  // NOLINT: the types' names
  return {
      {int8(), "[1, null, 3, -4, 5, 6, 7, 8, null, 10]"},
      {float64(), "[1.5, null, 3, -4, 5, 6, 7, 8, null, 10]"},
      {boolean(), "[true, false, null, true, true, false, true, null, false, true]"},
      {utf8(), R"(["a", "", null, "Zoë", "text", "f", "日本", null, "x", "end"])"},
      {large_binary(), R"(["x", null, "yz", "", "1", "22", "", null, "333", "4"])"},
      {utf8_view(),
       R"(["a", "twelve bytes", "more than twelve bytes", null, "", "again such one", "b", "c", "and another long one", "d"])"},
      {decimal128(10, 2),
       R"(["1.10", null, "-3.00", "4.20", "0.00", "6.66", "1.00", null, "2.00", "3.00"])"},
      {fixed_size_binary(3),
       R"(["abc", null, "def", "ghi", "jkl", "mno", "pqr", null, "stu", "v  "])"},
      {arrow::null(), "[null, null, null, null, null, null, null, null, null, null]"},
      {list(int32()), "[[1, 2], null, [], [3], [4, null, 5], [6], [], null, [7, 8, 9], [10]]"},
      {large_list(utf8()), R"([["a"], [], null, ["b", "c"], [null], ["d"], [], null, ["e"], []])"},
      {list_view(int16()), "[[1, 2], null, [], [3], [4, null, 5], [6], [], null, [7, 8], [9]]"},
      {fixed_size_list(int8(), 2),
       "[[1, 2], null, [3, 4], [5, 6], [null, 7], [8, 9], [1, 1], null, [2, 2], [3, 3]]"},
      {struct_({arrow::field("x", float64()), arrow::field("y", utf8())}),
       R"([{"x": 1.5, "y": "a"}, null, {"x": null, "y": "b"}, {"x": 2, "y": null}, {}, {"x": 3},
           {"x": 4, "y": "c"}, null, {"x": 5, "y": "d"}, {"x": 6, "y": "e"}])"},
      {map(utf8(), int32()),
       R"([[["a", 1]], null, [], [["b", 2], ["c", 3]], [["d", null]], [], [], null, [["e", 5]], []])"},
  };
}

std::shared_ptr<arrow::Array> as_given(const std::shared_ptr<arrow::Array>& array) {
  if (array->type_id() != arrow::Type::STRING_VIEW) return array;
  arrow::StringBuilder builder;
  const auto& views = static_cast<const arrow::StringViewArray&>(*array);
  for (std::int64_t i = 0; i < views.length(); ++i) {
    EXPECT_TRUE((views.IsNull(i) ? builder.AppendNull() : builder.Append(views.GetView(i))).ok());
  }
  return builder.Finish().ValueOrDie();
}

TEST(ArrayReader, AnyRowsAreThoseOfTheWholeAndTakeNoMoreThanWasMeasured) {
  for (const Sample& sample : samples()) {
    IpcColumn column(sample.type, sample.json);
    const auto whole = as_given(column.array());
    for (std::int64_t begin = 0; begin <= 10; ++begin) {
      for (std::int64_t end = begin; end <= 10; ++end) {
        const auto budget = MemoryBudget::make(1 << 20);
        const auto measured = column.measure({begin, end}, budget->arrow_pool());
        ASSERT_TRUE(measured) << measured.error().to_string();
        const auto data = column.read({begin, end}, budget->arrow_pool());
        ASSERT_TRUE(data) << sample.type->ToString() << ": " << data.error().to_string();
        // Buffers of a few bytes are rounded up, which is not measured.
        EXPECT_LE(budget->arrow_pool()->bytes_allocated(), *measured + 8 * 64)
            << sample.type->ToString();
        const auto array = arrow::MakeArray(*data);
        EXPECT_TRUE(array->ValidateFull().ok()) << array->ValidateFull().ToString();
        EXPECT_TRUE(array->Equals(*whole->Slice(begin, end - begin)))
            << sample.type->ToString() << " " << begin << " to " << end << array->ToString();
      }
    }
  }
}

TEST(ArrayReader, MeasuringEndsWhereItIsEnough) {
  arrow::StringBuilder builder;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(builder.Append(std::string(100, 'x')).ok());
  IpcColumn column(builder.Finish().ValueOrDie());
  const auto all = column.measure({0, 1000}, arrow::default_memory_pool());
  EXPECT_GT(*all, 100'000);
  EXPECT_LT(*column.measure({0, 10}, arrow::default_memory_pool()), *all / 10);
}

std::string error_of(IpcColumn& column, Rows rows) {
  const auto data = column.read(rows);
  if (data) return arrow::MakeArray(*data)->ToString();
  EXPECT_EQ(data.error().kind, ErrorKind::Parse);
  return data.error().message;
}

TEST(ArrayReader, OffsetsThatLeadOutOrDoNotRiseAreDamageButOnlyWhereTheyAreRead) {
  for (const std::int32_t wrong : {-1, 2, 1000, INT32_MAX, INT32_MIN}) {
    IpcColumn column(arrow::utf8(), R"(["aa", "bb", "cc", "dd"])");  // offsets 0, 2, 4, 6, 8
    column.set<std::int32_t>(1, 2, wrong == 2 ? 1 : wrong);
    EXPECT_THAT(error_of(column, {0, 4}), HasSubstr("offsets lead out")) << wrong;
    EXPECT_THAT(error_of(column, {3, 4}), HasSubstr("dd"));
  }
}

TEST(ArrayReader, ABufferThatIsTooShortIsDamage) {
  for (const std::size_t buffer : {0, 1}) {
    IpcColumn column(arrow::int64(), "[1, null, 3, 4, 5, 6, 7, 8, 9]");
    column.buffers[buffer].resize(1);
    EXPECT_THAT(error_of(column, {0, 9}),
                HasSubstr("buffer " + std::to_string(buffer) + " has 1 bytes"));
  }
  IpcColumn column(arrow::int64(), "[1, null, 3]");
  column.buffers[0].clear();
  EXPECT_THAT(error_of(column, {0, 3}), HasSubstr("has nulls, and not which"));
  column.metadata.buffers.resize(1);
  column.metadata.nodes[0].null_count = 0;
  EXPECT_THAT(error_of(column, {0, 3}), HasSubstr("fewer buffers than its schema"));
}

TEST(ArrayReader, TextIsCheckedAsWholeValuesAndSaysItsRow) {
  IpcColumn column(arrow::utf8(), R"(["é", null, "a", "é"])");
  EXPECT_THAT(error_of(column, {0, 4}), HasSubstr("é"));
  // Both halves of the last character, one in each row: together they are UTF-8.
  column.set<std::int32_t>(1, 3, 4);
  const auto data = column.read({0, 4});
  ASSERT_FALSE(data);
  EXPECT_THAT(data.error().message, HasSubstr("not UTF-8"));
  EXPECT_EQ(data.error().where.row, 2);
}

TEST(ArrayReader, ViewsThatLeadElsewhereAreDamage) {
  struct Elsewhere {
    std::int32_t length;
    std::uint32_t prefix;
    std::int32_t buffer;
    std::int32_t offset;
  };
  for (const Elsewhere wrong :
       {Elsewhere{30, 0, 1, 0}, Elsewhere{30, 0, -1, 0}, Elsewhere{30, 0, 0, 1},
        Elsewhere{30, 0, 0, -1}, Elsewhere{-1, 0, 0, 0}, Elsewhere{INT32_MAX, 0, 0, 0}}) {
    IpcColumn column(arrow::utf8_view(), R"(["exactly thirty bytes, not more", "b"])");
    column.set(1, 0, wrong);
    EXPECT_FALSE(column.read({0, 2})) << wrong.length << " " << wrong.buffer << " " << wrong.offset;
    EXPECT_TRUE(column.read({1, 2}));
  }
}

TEST(ArrayReader, WhatIsUnderANullMayBeAnything) {
  IpcColumn numbers(arrow::decimal128(3, 0), R"(["1", null, "3"])");
  numbers.set<std::int64_t>(1, 2, INT64_MAX);  // the null's lower half
  EXPECT_TRUE(numbers.read({0, 3}));
  numbers.set<std::int64_t>(1, 4, INT64_MAX);
  const auto data = numbers.read({0, 3});
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().where.row, 2);
}

}  // namespace
}  // namespace polarway::ipc
