#include "core/leased_batch.h"

#include <arrow/builder.h>
#include <arrow/c/abi.h>
#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>
#include <gtest/gtest.h>

namespace polarway {
namespace {

std::shared_ptr<arrow::RecordBatch> two_columns(MemoryBudget& budget, int rows) {
  arrow::Int64Builder numbers(budget.arrow_pool());
  arrow::StringBuilder texts(budget.arrow_pool());
  for (int i = 0; i < rows; ++i) {
    EXPECT_TRUE(numbers.Append(i).ok());
    EXPECT_TRUE(texts.Append("row " + std::to_string(i)).ok());
  }
  return arrow::RecordBatch::Make(
      arrow::schema({arrow::field("n", arrow::int64()), arrow::field("t", arrow::utf8())}), rows,
      {*numbers.Finish(), *texts.Finish()});
}

class LeasedBatch : public ::testing::Test {
 protected:
  std::shared_ptr<MemoryBudget> budget = MemoryBudget::make(1 << 20);
  std::shared_ptr<arrow::RecordBatch> plain = two_columns(*budget, 1000);
  std::int64_t bytes = batch_bytes(*plain);
  std::shared_ptr<arrow::RecordBatch> leased =
      attach_lease(plain, *budget->reserve(200'000, LeaseHolder::Queue));
};

TEST_F(LeasedBatch, HasTheSameRows) { EXPECT_TRUE(leased->Equals(*plain)); }

TEST_F(LeasedBatch, IsPaidForAtItsRealSizeUntilItDies) {
  EXPECT_EQ(budget->reserved_bytes(), bytes);
  EXPECT_EQ(budget->chunks_held(), 1);
  leased.reset();
  EXPECT_EQ(budget->reserved_bytes(), 0);
  EXPECT_EQ(budget->chunks_held(), 0);
}

TEST_F(LeasedBatch, ASliceKeepsTheBytesPaid) {
  auto slice = leased->Slice(5, 1);
  leased.reset();
  EXPECT_EQ(budget->reserved_bytes(), bytes);
  slice.reset();
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

TEST_F(LeasedBatch, AColumnAlonePaysForItselfAlone) {
  auto numbers = leased->column(0);
  leased.reset();
  EXPECT_GT(budget->reserved_bytes(), 0);
  EXPECT_LT(budget->reserved_bytes(), bytes);
  EXPECT_EQ(budget->chunks_held(), 1);
  numbers.reset();
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

TEST_F(LeasedBatch, AnExportKeepsTheBytesPaidUntilItIsReleased) {
  ArrowArray array;
  ASSERT_TRUE(arrow::ExportRecordBatch(*leased, &array).ok());
  leased.reset();
  EXPECT_EQ(budget->reserved_bytes(), bytes);
  array.release(&array);
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

TEST_F(LeasedBatch, OutlivesEveryoneElse) {
  plain.reset();
  budget.reset();
  EXPECT_TRUE(leased->ValidateFull().ok());
}

}  // namespace
}  // namespace polarway
