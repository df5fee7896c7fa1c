#include "formats/csv/rescued_column.h"

#include <arrow/array.h>
#include <arrow/memory_pool.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace polarway::csv {
namespace {

Misfit misfit(std::int64_t chunk_row, std::string member) {
  Misfit made;
  made.chunk_row = chunk_row;
  made.rescued = std::move(member);
  return made;
}

TEST(RescuedColumn, HasAnObjectOfAllMembersWhereARowHasMisfitsAndElseNull) {
  std::vector<Misfit> misfits;
  misfits.push_back(misfit(1, R"("a":"x")"));
  misfits.push_back(misfit(1, R"("b":"y")"));
  misfits.push_back(misfit(3, R"("a":"z")"));
  const auto column = make_rescued_column(misfits, 5, arrow::default_memory_pool());
  ASSERT_TRUE(column) << column.error().to_string();
  const auto& texts = static_cast<const arrow::StringArray&>(**column);
  ASSERT_EQ(texts.length(), 5);
  EXPECT_EQ(texts.null_count(), 3);
  EXPECT_EQ(texts.GetString(1), R"({"a":"x","b":"y"})");
  EXPECT_EQ(texts.GetString(3), R"({"a":"z"})");
}

TEST(RescuedColumn, OfRowsWithoutMisfitsIsNull) {
  const auto column = make_rescued_column({}, 3, arrow::default_memory_pool());
  ASSERT_TRUE(column) << column.error().to_string();
  EXPECT_EQ((*column)->null_count(), 3);
}

}  // namespace
}  // namespace polarway::csv
