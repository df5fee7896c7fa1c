// The part of ArrayReader whose arrays have others in them: what it believes, and what not. That
// any rows are those of the whole is in array_reader_test.cc.

#include <arrow/array.h>
#include <arrow/builder.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/ipc_message.h"

namespace polarway::ipc {
namespace {

using polarway::testing::IpcColumn;
using ::testing::HasSubstr;

std::string error_of(IpcColumn& column, Rows rows) {
  const auto data = column.read(rows);
  if (data) return "none: " + arrow::MakeArray(*data)->ToString();
  EXPECT_EQ(data.error().kind, ErrorKind::Parse);
  return data.error().message;
}

std::shared_ptr<arrow::Array> array(const std::shared_ptr<arrow::DataType>& type,
                                    const std::string& json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

TEST(NestedArrays, AListReadsOnlyTheValuesOfItsRows) {
  IpcColumn column(arrow::list(arrow::int32()), "[[1, 2], [3], [4, 5, 6]]");
  const auto data = column.read({1, 2});
  ASSERT_TRUE(data) << data.error().to_string();
  EXPECT_EQ((*data)->child_data[0]->length, 1);
  column.set<std::int32_t>(1, 3, 7);  // the end of the last list
  EXPECT_TRUE(column.read({0, 2}));
  EXPECT_THAT(error_of(column, {2, 3}), HasSubstr("offsets lead out of the 6"));
}

TEST(NestedArrays, AListMayNotLeadOutOfWhatItsChildHas) {
  IpcColumn column(arrow::list(arrow::int32()), "[[1, 2], [3]]");
  column.metadata.nodes[1].length = 100;  // more than there are bytes
  column.set<std::int32_t>(1, 2, 100);
  EXPECT_THAT(error_of(column, {0, 2}), HasSubstr("bytes, which are too few"));
}

TEST(NestedArrays, ViewsOfListsMayOverlapAndNotLeadOut) {
  IpcColumn column(arrow::list_view(arrow::int16()), "[[1, 2], [3, 4], [5]]");
  column.set<std::int32_t>(1, 1, 0);  // the second list begins where the first does
  const auto data = column.read({0, 3});
  ASSERT_TRUE(data) << data.error().to_string();
  EXPECT_TRUE(arrow::MakeArray(*data)->Equals(
      array(arrow::list_view(arrow::int16()), "[[1, 2], [1, 2], [5]]")));
  for (const std::int32_t wrong : {-1, 4, 100, INT32_MAX}) {
    column.set<std::int32_t>(1, 1, wrong);
    EXPECT_THAT(error_of(column, {0, 3}), HasSubstr("a list leads out of the 5")) << wrong;
    EXPECT_TRUE(column.read({2, 3}));
  }
}

TEST(NestedArrays, AListUnderANullMayLeadAnywhere) {
  IpcColumn column(arrow::list_view(arrow::int16()), "[[1, 2], null, [5]]");
  column.set<std::int32_t>(1, 1, INT32_MAX);
  column.set<std::int32_t>(2, 1, INT32_MAX);
  EXPECT_TRUE(column.read({0, 3}));
}

const auto kUnion = arrow::dense_union(
    {arrow::field("i", arrow::int32()), arrow::field("s", arrow::utf8())}, {0, 5});

TEST(NestedArrays, AValueOfAUnionIsOfOneOfItsTypesAndIsThere) {
  const char* json = R"([[0, 1], [5, "a"], [0, 3], [5, "bb"]])";
  for (Rows rows : {Rows{0, 4}, Rows{1, 3}, Rows{3, 4}, Rows{2, 2}}) {
    IpcColumn column(kUnion, json);
    const auto data = column.read(rows);
    ASSERT_TRUE(data) << data.error().to_string();
    const auto made = arrow::MakeArray(*data);
    EXPECT_TRUE(made->ValidateFull().ok());
    EXPECT_TRUE(made->Equals(column.array()->Slice(rows.begin, rows.count())));
  }
  IpcColumn codes(kUnion, json);
  for (const auto wrong : std::initializer_list<std::int8_t>{1, -1, 127}) {
    codes.set<std::int8_t>(0, 1, wrong);
    EXPECT_THAT(error_of(codes, {0, 4}), HasSubstr("of none of its types"));
    EXPECT_TRUE(codes.read({2, 4}));
  }
  IpcColumn places(kUnion, json);
  places.set<std::int32_t>(1, 1, -1);
  EXPECT_THAT(error_of(places, {0, 4}), HasSubstr("before the first"));
  places.set<std::int32_t>(1, 1, 2);  // of two texts
  EXPECT_THAT(error_of(places, {0, 4}), HasSubstr("has 2 values where there should be 3"));
}

std::shared_ptr<arrow::Array> runs() {
  return arrow::RunEndEncodedArray::Make(10, array(arrow::int32(), "[3, 4, 10]"),
                                         array(arrow::utf8(), R"(["a", null, "b"])"))
      .ValueOrDie();
}

TEST(NestedArrays, RunsAreCutToTheRowsThatAreRead) {
  for (std::int64_t begin = 0; begin < 10; ++begin) {
    for (std::int64_t end = begin; end <= 10; ++end) {
      IpcColumn column(runs());
      const auto data = column.read({begin, end});
      ASSERT_TRUE(data) << data.error().to_string();
      const auto made = arrow::MakeArray(*data);
      EXPECT_TRUE(made->ValidateFull().ok()) << made->ValidateFull().ToString();
      EXPECT_TRUE(made->Equals(runs()->Slice(begin, end - begin))) << begin << " to " << end;
    }
  }
}

TEST(NestedArrays, RunsThatDoNotRiseOrEndBeforeTheRowsAreDamage) {
  IpcColumn column(runs());
  const std::size_t ends = 1;  // behind the empty bitmap of the run ends
  ASSERT_EQ(column.buffers[ends].size(), 12U);
  column.set<std::int32_t>(ends, 1, 2);
  EXPECT_THAT(error_of(column, {0, 10}), HasSubstr("do not rise"));
  column.set<std::int32_t>(ends, 1, 4);
  column.set<std::int32_t>(ends, 2, 9);
  EXPECT_THAT(error_of(column, {0, 10}), HasSubstr("end before its rows do"));
  EXPECT_TRUE(column.read({0, 9}));
}

TEST(NestedArrays, ACodeIsOneOfTheDictionaryWhichMustBeThere) {
  const auto type = arrow::dictionary(arrow::int8(), arrow::utf8());
  IpcColumn column(type, R"(["u", "v", null, "u"])");
  EXPECT_THAT(error_of(column, {0, 4}), HasSubstr("there is no dictionary 0"));
  column.dictionaries[0] = array(arrow::utf8(), R"(["u", "v"])")->data();
  const auto data = column.read({1, 4});
  ASSERT_TRUE(data) << data.error().to_string();
  EXPECT_TRUE(arrow::MakeArray(*data)->ValidateFull().ok());
  EXPECT_TRUE(arrow::MakeArray(*data)->Equals(column.array()->Slice(1)));
  for (const auto wrong : std::initializer_list<std::int8_t>{2, -1, 127}) {
    column.set<std::int8_t>(1, 3, wrong);
    EXPECT_THAT(error_of(column, {0, 4}), HasSubstr("a code is none of dictionary 0"));
    EXPECT_TRUE(column.read({0, 3}));
  }
  column.set<std::int8_t>(1, 2, 99);  // under the null
  EXPECT_TRUE(column.read({0, 3}));
}

TEST(NestedArrays, AFixedListOfTooManyValuesIsDamage) {
  IpcColumn column(arrow::fixed_size_list(arrow::int8(), 2), "[[1, 2], [3, 4]]");
  column.metadata.nodes[0].length = INT64_MAX;
  EXPECT_THAT(error_of(column, {0, INT64_MAX}), HasSubstr("more values than there can be"));
  EXPECT_THAT(error_of(column, {0, 3}), HasSubstr("has 4 values where there should be 6"));
}

}  // namespace
}  // namespace polarway::ipc
