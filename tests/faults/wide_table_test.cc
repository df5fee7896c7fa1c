// Tables of very many columns: what a column takes is paid for before there is one, and no step of
// opening, filtering and selecting looks at all columns for each column (fault M14).

#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "polarway/registry.h"
#include "polarway/sink.h"
#include "support/temporary_folder.h"

namespace polarway {
namespace {

using ::polarway::testing::read_text;
using ::polarway::testing::TemporaryFolder;
using ::polarway::testing::write_text;
using ::testing::HasSubstr;

constexpr int kMany = 100'000;  // squared, that is a test that does not end

std::string line(int columns, const auto& field) {
  std::string text;
  for (int i = 0; i < columns; ++i) {
    if (i > 0) text += ',';
    text += field(i);
  }
  return text + '\n';
}

std::string name_of(int i) { return "c" + std::to_string(i); }
std::string number(int i) { return std::to_string(i % 1000); }

Result<StreamingSource> open(const std::string& path, std::int64_t limit_bytes) {
  return SourceRegistry().create(
      "csv", SourceConfig(path).with_memory_limit(limit_bytes).with_prefetch(false));
}

TEST(WideTable, OfAMillionColumnsIsRefusedBeforeThereIsAColumn) {
  constexpr int kColumns = 1'000'000;
  const TemporaryFolder folder;
  write_text(folder / "wide.csv", line(kColumns, name_of) + line(kColumns, number));
  const auto source = open(folder / "wide.csv", 64 << 20);
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().kind, ErrorKind::MemoryLimit);
  EXPECT_THAT(source.error().to_string(), HasSubstr("wide.csv"));
  EXPECT_THAT(source.error().to_string(), HasSubstr("1000000 columns"));
  EXPECT_GT(source.error().memory->needed_bytes, 1'000'000'000);
}

// Few columns, but a name of megabytes, as when a quote opens in the header and does not close
// soon.
TEST(WideTable, OfOneVeryLongNameIsPaidForToo) {
  constexpr std::int64_t kNameBytes = 4 << 20;
  const TemporaryFolder folder;
  write_text(folder / "long.csv", "\"" + std::string(kNameBytes, 'x') + "\",b\n1,2\n");
  const auto small = open(folder / "long.csv", 24 << 20);
  ASSERT_FALSE(small);
  EXPECT_EQ(small.error().kind, ErrorKind::MemoryLimit);
  EXPECT_THAT(small.error().to_string(), HasSubstr("and 2 columns"));
  const auto large = open(folder / "long.csv", 128 << 20);
  ASSERT_TRUE(large) << large.error().to_string();
  EXPECT_GT(large->budget()->reserved_bytes(), 6 * kNameBytes);
}

TEST(WideTable, IsPaidForUntilItIsClosed) {
  constexpr int kColumns = 10'000;
  const TemporaryFolder folder;
  write_text(folder / "wide.csv", line(kColumns, name_of) + line(kColumns, number));
  auto source = open(folder / "wide.csv", 64 << 20);
  ASSERT_TRUE(source) << source.error().to_string();
  const std::shared_ptr<MemoryBudget> budget = source->budget();
  EXPECT_GT(budget->reserved_bytes(), kColumns * 2'000);
  const auto rows = source->collect();
  ASSERT_TRUE(rows) << rows.error().to_string();
  EXPECT_EQ(rows->width(), kColumns);
  EXPECT_EQ(rows->height(), 1);
  source->close();
  EXPECT_LT(budget->reserved_bytes(), kColumns * 2'000);  // the rows are still here
}

TEST(WideTable, PassesThroughTheCsvSinkAsItWas) {
  constexpr int kColumns = 10'000;
  const TemporaryFolder folder;
  std::string text = line(kColumns, name_of);
  for (int row = 0; row < 3; ++row) text += line(kColumns, number);
  write_text(folder / "wide.csv", text);
  auto source = open(folder / "wide.csv", 64 << 20);
  ASSERT_TRUE(source) << source.error().to_string();
  const auto sink = make_sink({.path = folder / "out.csv",
                               .format = {},
                               .schema = source->metadata().schema,
                               .budget = source->budget()});
  ASSERT_TRUE(sink) << sink.error().to_string();
  for (Result<DataFrame>& chunk : *source) {
    ASSERT_TRUE(chunk) << chunk.error().to_string();
    ASSERT_TRUE((*sink)->write(*chunk));
  }
  ASSERT_TRUE((*sink)->finish());
  EXPECT_TRUE(read_text(folder / "out.csv") == text);
}

TEST(WideTable, WhoseColumnsHaveAllOneNameTellsThemApart) {
  const TemporaryFolder folder;
  write_text(folder / "wide.csv", "a_duplicated_1," +
                                      line(kMany, [](int) { return std::string("a"); }) + "0," +
                                      line(kMany, number));
  const auto source = open(folder / "wide.csv", std::int64_t{1} << 30);
  ASSERT_TRUE(source) << source.error().to_string();
  const std::vector<std::string> names = source->metadata().schema.names();
  EXPECT_EQ(names[1], "a");
  EXPECT_EQ(names[2], "a_duplicated_0");
  EXPECT_EQ(names[3], "a_duplicated_2");  // 1 is taken
  EXPECT_EQ(names.back(), "a_duplicated_" + std::to_string(kMany - 1));
}

TEST(WideTable, OpensFiltersAndSelectsInOnePassOverItsColumns) {
  const TemporaryFolder folder;
  write_text(folder / "wide.csv", line(kMany, name_of) + line(kMany, number) + line(kMany, number));
  std::vector<Field> pinned;
  std::vector<std::string> wanted;
  for (int i = kMany - 1; i >= 0; --i) {
    pinned.emplace_back(name_of(i), DataType::Float64);
    wanted.push_back(name_of(i));
  }
  auto source = SourceRegistry().create("csv", SourceConfig(folder / "wide.csv")
                                                   .with_memory_limit(std::int64_t{1} << 30)
                                                   .with_prefetch(false)
                                                   .with_option("schema", Schema(pinned).to_json())
                                                   .with_columns(wanted)
                                                   .with_filter(col("c7") == lit(7.0)));
  ASSERT_TRUE(source) << source.error().to_string();
  const auto rows = source->collect();
  ASSERT_TRUE(rows) << rows.error().to_string();
  EXPECT_EQ(rows->width(), kMany);
  EXPECT_EQ(rows->height(), 2);
  const auto few = rows->lazy().filter(col("c1") < lit(2.0)).select({col("c5")}).collect();
  ASSERT_TRUE(few) << few.error().to_string();
  EXPECT_EQ(few->width(), 1);
  EXPECT_EQ(few->height(), 2);
}

}  // namespace
}  // namespace polarway
