#include "sources/added_columns.h"

#include <arrow/array.h>
#include <arrow/memory_pool.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

namespace polarway {
namespace {

TEST(AddedColumns, AreTheValueInEveryRowAndNoLargerThanTheirBound) {
  const std::string long_text(300, 'x');
  const std::vector<std::pair<FileValue, std::shared_ptr<arrow::DataType>>> cases = {
      {std::int64_t{-7}, arrow::int64()},
      {std::int64_t{19782}, arrow::date32()},
      {"a/b.csv", arrow::utf8()},
      {"", arrow::utf8()},
      {long_text, arrow::utf8()},
      {std::nullopt, arrow::utf8()},
      {std::nullopt, arrow::int64()},
      {std::nullopt, arrow::boolean()},
      {std::nullopt, arrow::decimal128(38, 2)}};
  for (const auto& [value, type] : cases) {
    for (const std::int64_t num_rows : {0, 1, 7, 1000}) {
      arrow::ProxyMemoryPool pool(arrow::default_memory_pool());
      const auto array = repeated(value, type, num_rows, &pool);
      ASSERT_TRUE(array) << array.error().to_string();
      ASSERT_TRUE((*array)->ValidateFull().ok());
      ASSERT_EQ((*array)->length(), num_rows);
      EXPECT_TRUE((*array)->type()->Equals(type));
      EXPECT_EQ((*array)->null_count(), value ? 0 : num_rows);
      EXPECT_LE(pool.bytes_allocated(), num_rows * repeated_row_bytes(value, *type) + 1024);
      for (std::int64_t row = 0; value && row < num_rows; ++row) {
        const std::string text = (*(*array)->GetScalar(row))->ToString();
        if (std::holds_alternative<std::string>(*value)) {
          ASSERT_EQ(text, std::get<std::string>(*value));
        } else {
          ASSERT_EQ(text, type->id() == arrow::Type::DATE32 ? "2024-02-29" : "-7");
        }
      }
    }
  }
}

TEST(AddedColumns, NumbersGoOnFromTheFirst) {
  const auto array = numbered(5, 3, arrow::default_memory_pool());
  ASSERT_TRUE(array);
  EXPECT_EQ((*array)->ToString(), "[\n  5,\n  6,\n  7\n]");
}

TEST(AddedColumns, TextBeyondWhatOffsetsHoldIsAnError) {
  const auto array =
      repeated(std::string(1 << 20, 'x'), arrow::utf8(), 1 << 12, arrow::default_memory_pool());
  ASSERT_FALSE(array);
  EXPECT_EQ(array.error().kind, ErrorKind::MemoryLimit);
}

}  // namespace
}  // namespace polarway
