#include "formats/parquet/group_filter.h"

#include <arrow/io/memory.h>
#include <gtest/gtest.h>
#include <parquet/file_reader.h>

#include "support/parquet_reading.h"

namespace polarway::pq {
namespace {

// Row groups of ten rows: the second has ids 10 to 19, and halves 5 to 9.5.
bool second_may_pass(const std::string& filter) {
  const std::string bytes = polarway::testing::parquet_of(polarway::testing::numbered_rows(30), 10);
  const auto metadata = ::parquet::ReadMetaData(arrow::io::BufferReader::FromString(bytes));
  const auto columns = find_columns(*metadata, arrow::Schema({}));
  const Expr expr = *parse_expr(filter);
  return GroupFilter(expr, *columns, *metadata, arrow::default_memory_pool()).may_pass(1);
}

TEST(GroupFilter, PassesOverGroupsWithoutAnyRowThatIsWanted) {
  for (const char* filter :
       {"id < 10", "id <= 9", "id > 19", "19 < id", "id = 20", "id = 9", "id = 10.5 and id < 10",
        "id in (1, 2, 25)", "id between 20 and 30", "id > 5 and id < 7", "id < 10 or id >= 20",
        "half < 5", "text is null and id > 20", "id is null", "text > 'z'", "text = '2'"}) {
    EXPECT_FALSE(second_may_pass(filter)) << filter;
  }
}

TEST(GroupFilter, ReadsGroupsThatMayHaveSuchARow) {
  for (const char* filter :
       {"id < 11", "id <= 10", "id > 18", "id = 15", "id != 15", "id in (1, 12)", "id + 1 > 100",
        "id between 0 and 10", "id < 10 or id = 15", "half < 5.1", "text is null",
        "text is not null", "text like 'z%'", "not (id > 0)", "id > 18.5"}) {
    EXPECT_TRUE(second_may_pass(filter)) << filter;
  }
}

// NaN is larger than all numbers, and no statistics have it.
TEST(GroupFilter, NeverPassesOverFloatsForBeingTooSmall) {
  for (const char* filter :
       {"half > 100", "half >= 100", "half = 100", "half != 5", "half = nan"}) {
    EXPECT_TRUE(second_may_pass(filter)) << filter;
  }
}

}  // namespace
}  // namespace polarway::pq
