#include "sinks/row_partitioner.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace polarway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<arrow::RecordBatch> batch() {
  const auto year = arrow::json::ArrayFromJSONString(arrow::int64(), "[2024, 2023, 2024, null]");
  const auto city =
      arrow::json::ArrayFromJSONString(arrow::utf8(), R"(["Bern", "a/b", "Bern", ".."])");
  const auto n = arrow::json::ArrayFromJSONString(arrow::int64(), "[1, 2, 3, 4]");
  return arrow::RecordBatch::Make(
      arrow::schema({arrow::field("year", arrow::int64()), arrow::field("city", arrow::utf8()),
                     arrow::field("n", arrow::int64())}),
      4, {year.ValueOrDie(), city.ValueOrDie(), n.ValueOrDie()});
}

SourceError refusal(const std::vector<std::string>& keys) {
  const auto made = RowPartitioner::make(batch()->schema(), keys, MemoryBudget::make(1 << 20));
  EXPECT_FALSE(made);
  return made ? SourceError{} : made.error();
}

TEST(RowPartitioner, KeepsTheOrderOfRowsAndOfFirstAppearance) {
  const auto budget = MemoryBudget::make(1 << 20);
  const auto partitioner = RowPartitioner::make(batch()->schema(), {"year", "city"}, budget);
  ASSERT_TRUE(partitioner);
  const auto partitions = partitioner->partition(*batch());
  ASSERT_TRUE(partitions);
  std::vector<std::string> said;
  for (const Partition& partition : *partitions) {
    said.push_back(partition.folder + " " + partition.rows->column(0)->ToString());
    EXPECT_EQ(partition.rows->schema()->field_names(), std::vector<std::string>{"n"});
  }
  EXPECT_THAT(said,
              ElementsAre("year=2024/city=Bern [\n  1,\n  3\n]", "year=2023/city=a%2Fb [\n  2\n]",
                          "year=__HIVE_DEFAULT_PARTITION__/city=%2E. [\n  4\n]"));
}

TEST(RowPartitioner, RefusesColumnsThatMakeNoFolders) {
  EXPECT_THAT(refusal({"yera"}).hint, HasSubstr("year"));
  EXPECT_THAT(refusal({"year", "year"}).message, HasSubstr("twice"));
  EXPECT_THAT(refusal({"year", "city", "n"}).message, HasSubstr("no column is left"));
}

TEST(RowPartitioner, IsMemoryLimitWhereACopyHasNoRoom) {
  const auto budget = MemoryBudget::make(256);
  const auto partitioner = RowPartitioner::make(batch()->schema(), {"year"}, budget);
  ASSERT_TRUE(partitioner);
  const auto partitions = partitioner->partition(*batch());
  ASSERT_FALSE(partitions);
  EXPECT_EQ(partitions.error().kind, ErrorKind::MemoryLimit);
}

}  // namespace
}  // namespace polarway
