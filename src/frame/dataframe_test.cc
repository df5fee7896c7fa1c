#include "polarway/dataframe.h"

#include <arrow/c/abi.h>
#include <arrow/c/bridge.h>
#include <arrow/memory_pool.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "core/leased_batch.h"
#include "frame/sample_batch.h"

namespace polarway {
namespace {

using testing::HasSubstr;

std::string numbers(int count) {
  std::string json = "[";
  for (int i = 0; i < count; ++i) json += (i > 0 ? "," : "") + std::to_string(i);
  return json + "]";
}

std::shared_ptr<arrow::RecordBatch> people() {
  return sample_batch({{"name", arrow::utf8(), R"(["Ada", "Bob", null])"},
                       {"age", arrow::int64(), "[36, null, 41]"}});
}

// A frame of `rows` numbers whose bytes are leased from the budget.
DataFrame leased(int rows, const std::shared_ptr<MemoryBudget>& budget) {
  auto batch = sample_batch({{"i", arrow::int64(), numbers(rows)}});
  MemoryLease lease = *budget->reserve(batch_bytes(*batch), LeaseHolder::Queue);
  return DataFrame(attach_lease(batch, std::move(lease)), budget);
}

TEST(DataFrame, ADefaultOneIsEmpty) {
  const DataFrame frame;
  EXPECT_EQ(frame.height(), 0);
  EXPECT_EQ(frame.width(), 0);
  EXPECT_EQ(frame.num_bytes(), 0);
  EXPECT_NE(frame.arrow(), nullptr);
  EXPECT_EQ(frame.head().height(), 0);
  EXPECT_EQ(frame.to_string(), "shape: (0, 0)\n┌┐\n╞╡\n└┘");
}

TEST(DataFrame, ColumnsAreFoundByNameOrTheNearestNameIsShown) {
  const DataFrame frame(people());
  EXPECT_EQ(frame.height(), 3);
  EXPECT_EQ(frame.width(), 2);
  EXPECT_EQ(frame.schema().to_string(),
            Schema({{"name", DataType::String}, {"age", DataType::Int64}}).to_string());
  EXPECT_EQ((*frame.column("age"))->length(), 3);
  const auto missing = frame.column("agee");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::Config);
  EXPECT_EQ(missing.error().to_string(), "there is no column \"agee\" (did you mean \"age\"?)");
  EXPECT_THAT(DataFrame().column("x").error().to_string(), HasSubstr("there are no columns"));
}

TEST(DataFrame, ASliceIsCutToWhatExists) {
  const DataFrame frame(sample_batch({{"i", arrow::int64(), numbers(10)}}));
  const auto rows = [&](std::int64_t offset, std::int64_t length) {
    const DataFrame slice = frame.slice(offset, length);
    EXPECT_TRUE(slice.arrow()->ValidateFull().ok());
    std::string text;
    const auto& values = static_cast<const arrow::Int64Array&>(*slice.arrow()->column(0));
    for (std::int64_t i = 0; i < values.length(); ++i) text += std::to_string(values.Value(i));
    return text;
  };
  EXPECT_EQ(rows(0, 10), "0123456789");
  EXPECT_EQ(rows(3, 4), "3456");
  EXPECT_EQ(rows(8, 10), "89");
  EXPECT_EQ(rows(-2, 5), "012");
  EXPECT_EQ(rows(20, 5), "");
  EXPECT_EQ(rows(3, -1), "");
  EXPECT_EQ(rows(0, INT64_MAX), "0123456789");
  EXPECT_EQ(rows(INT64_MAX, INT64_MAX), "");
  EXPECT_EQ(rows(INT64_MIN, INT64_MAX), "");
  EXPECT_EQ(rows(5, INT64_MIN), "");
  EXPECT_EQ(frame.head(3).height(), 3);
}

TEST(DataFrame, ALargeSliceSharesItsBuffersAndASmallOneDoesNot) {
  const auto budget = MemoryBudget::make(64 << 20);
  DataFrame frame = leased(10'000, budget);
  EXPECT_EQ(frame.num_bytes(), budget->reserved_bytes());
  const DataFrame half = frame.slice(0, 6'000);
  EXPECT_EQ(half.arrow()->column_data(0)->buffers[1], frame.arrow()->column_data(0)->buffers[1]);
  EXPECT_EQ(budget->reserved_bytes(), frame.num_bytes());

  const DataFrame few = frame.slice(100, 10);
  EXPECT_NE(few.arrow()->column_data(0)->buffers[1], frame.arrow()->column_data(0)->buffers[1]);
  EXPECT_TRUE(few.arrow()->Equals(*frame.arrow()->Slice(100, 10)));
  EXPECT_LE(few.num_bytes(), 128);
  EXPECT_LE(budget->reserved_bytes(), frame.num_bytes() + 128);
  EXPECT_EQ(budget->chunks_held(), 2);
}

TEST(DataFrame, ASmallSliceDoesNotKeepTheChunkAlive) {
  const auto budget = MemoryBudget::make(64 << 20);
  DataFrame few;
  {
    const DataFrame frame = leased(10'000, budget);
    few = frame.head(10);
  }
  EXPECT_LE(budget->reserved_bytes(), 128);
  few = DataFrame();
  EXPECT_EQ(budget->reserved_bytes(), 0);
  EXPECT_EQ(budget->arrow_pool()->bytes_allocated(), 0);
}

TEST(DataFrame, ASliceIsSharedWhereTheBudgetHasNoRoomForACopy) {
  const auto budget = MemoryBudget::make(64 << 20);
  const DataFrame frame = leased(10'000, budget);
  MemoryLease rest = *budget->reserve(budget->available_bytes(), LeaseHolder::Reader);
  const DataFrame few = frame.slice(100, 10);
  EXPECT_EQ(few.arrow()->column_data(0)->buffers[1], frame.arrow()->column_data(0)->buffers[1]);
  EXPECT_EQ(few.height(), 10);
}

TEST(DataFrame, DictionariesAreSharedBySlicesAndPaidForOnce) {
  const auto budget = MemoryBudget::make(64 << 20);
  std::string json = "[";
  for (int i = 0; i < 10'000; ++i) json += (i > 0 ? ",\"" : "\"") + std::string(i % 7, 'x') + "\"";
  auto batch = sample_batch({{"c", arrow::dictionary(arrow::int32(), arrow::utf8()), json + "]"}});
  MemoryLease lease = *budget->reserve(batch_bytes(*batch), LeaseHolder::Queue);
  DataFrame frame(attach_lease(batch, std::move(lease)), budget);
  batch.reset();
  const std::int64_t before = budget->reserved_bytes();
  DataFrame few = frame.slice(50, 10);
  EXPECT_TRUE(few.arrow()->Equals(*frame.arrow()->Slice(50, 10)));
  EXPECT_TRUE(few.arrow()->ValidateFull().ok());
  EXPECT_LE(budget->reserved_bytes(), before + 128) << "the dictionary is there already";
  frame = DataFrame();
  EXPECT_LT(budget->reserved_bytes(), before) << "the codes of the chunk are gone";
  EXPECT_TRUE(few.arrow()->ValidateFull().ok());
  few = DataFrame();
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

TEST(DataFrame, TheLeaseLivesAsLongAsAnExportedStruct) {
  const auto budget = MemoryBudget::make(64 << 20);
  ArrowArray array{};
  ArrowSchema schema{};
  {
    const DataFrame frame = leased(1'000, budget);
    ASSERT_TRUE(frame.export_to(&array, &schema));
  }
  EXPECT_GT(budget->reserved_bytes(), 0);
  Result<DataFrame> back = DataFrame::import_from(&array, &schema);
  ASSERT_TRUE(back);
  EXPECT_EQ(array.release, nullptr);
  EXPECT_EQ(schema.release, nullptr);
  EXPECT_EQ(back->height(), 1'000);
  EXPECT_EQ(back->budget(), nullptr);
  EXPECT_GT(budget->reserved_bytes(), 0);
  *back = DataFrame();
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

TEST(DataFrame, WhatCannotBeImportedIsAnErrorAndIsReleased) {
  ArrowArray array{};
  ArrowSchema schema{};
  EXPECT_EQ(DataFrame::import_from(nullptr, nullptr).error().kind, ErrorKind::Config);
  EXPECT_EQ(DataFrame::import_from(&array, &schema).error().kind, ErrorKind::Config);
  ASSERT_TRUE(arrow::ExportRecordBatch(*people(), &array, &schema).ok());
  EXPECT_FALSE(DataFrame::import_from(&array, nullptr));
  EXPECT_EQ(array.release, nullptr);
  schema.release(&schema);
  ASSERT_TRUE(arrow::ExportArray(*sample_array(arrow::int64(), "[1]"), &array, &schema).ok());
  EXPECT_FALSE(DataFrame::import_from(&array, &schema)) << "no struct array";
  EXPECT_EQ(array.release, nullptr);
  EXPECT_EQ(schema.release, nullptr);
  EXPECT_FALSE(DataFrame(people()).export_to(nullptr, nullptr));
}

}  // namespace
}  // namespace polarway
