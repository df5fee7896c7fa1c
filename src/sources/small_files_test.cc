// Small files: what a file sequence does with those behind the one that it reads.

#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "polarway/executor.h"
#include "polarway/registry.h"
#include "polarway/sink.h"
#include "support/open_files.h"
#include "support/rows_text.h"
#include "support/temporary_folder.h"

namespace polarway {
namespace {

namespace fs = std::filesystem;
using ::polarway::testing::append_rows;
using ::polarway::testing::is_open;
using ::polarway::testing::Rows;
using ::polarway::testing::TemporaryFolder;
using ::polarway::testing::wait_until_open;
using ::polarway::testing::write_text;
using ::testing::HasSubstr;

// Of numbers that count on from file to file, small enough to be decoded side by side.
class SmallParquetFiles : public ::testing::Test {
 protected:
  static constexpr int kFiles = 20;
  static constexpr std::int64_t kRows = 100;  // of each

  void SetUp() override {
    if (Executor::global()->num_threads() < 2) GTEST_SKIP() << "there is no thread for it";
    for (int i = 0; i < kFiles; ++i) make_parquet(i, kRows);
  }
  // They sort as numbers do.
  std::string name(int i) const {
    return fmt::format("{}/p={}/part.parquet", folder.path(), i + 10);
  }
  void make_parquet(int i, std::int64_t rows) const {
    fs::create_directories(fs::path(name(i)).parent_path());
    const Schema schema({{"n", DataType::Int64}, {"text", DataType::String}});
    SinkConfig config;
    config.path = name(i);
    config.schema = schema;
    config.budget = MemoryBudget::make(64 << 20);
    auto sink = make_sink(config);
    ASSERT_TRUE(sink);
    arrow::Int64Builder numbers;
    arrow::StringBuilder texts;
    for (std::int64_t k = i * kRows; k < i * kRows + rows; ++k) {
      ASSERT_TRUE(numbers.Append(k).ok());
      ASSERT_TRUE(texts.Append("t" + std::to_string(k)).ok());
    }
    ASSERT_TRUE((*sink)->write(DataFrame(
        arrow::RecordBatch::Make(schema.arrow(), rows, {*numbers.Finish(), *texts.Finish()}))));
    ASSERT_TRUE((*sink)->finish());
  }
  SourceConfig all() const {
    return SourceConfig(folder / "**/*.parquet").with_memory_limit("64MB");
  }
  Result<StreamingSource> open(const SourceConfig& with) const {
    return registry.create("parquet", with);
  }
  static Rows expected(std::int64_t from = 0, std::int64_t to = kFiles * kRows) {
    Rows rows;
    for (std::int64_t k = from; k < to; ++k) {
      rows.push_back(fmt::format("{}|t{}|{}", k, k, k / kRows + 10));
    }
    return rows;
  }
  static Rows rest(StreamingSource& source) {
    Rows rows;
    for (Result<DataFrame>& chunk : source) {
      if (!chunk) {
        rows.push_back(chunk.error().to_string());
        break;
      }
      EXPECT_TRUE(chunk->arrow()->ValidateFull().ok());
      append_rows(*chunk->arrow(), rows);
    }
    return rows;
  }

  TemporaryFolder folder;
  SourceRegistry registry;
};

TEST_F(SmallParquetFiles, GiveTheRowsOfOneAfterTheOther) {
  for (const bool prefetch : {true, false}) {
    auto source = open(all().with_prefetch(prefetch));
    ASSERT_TRUE(source) << source.error().to_string();
    EXPECT_EQ(rest(*source), expected());
    EXPECT_EQ(source->stats().records_processed, kFiles * kRows);
  }
  auto some = open(all().with_filter(col("p") >= 15 && col("n") < 1150).with_columns({"n"}));
  ASSERT_TRUE(some);
  EXPECT_EQ(rest(*some).size(), 650u);
  auto numbered = open(all().with_columns({"number", "n"}).with_option("row_index_name", "number"));
  ASSERT_TRUE(numbered) << numbered.error().to_string();
  const Rows rows = rest(*numbered);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i], fmt::format("{}|{}", i, i));
  EXPECT_EQ(rows.size(), static_cast<std::size_t>(kFiles * kRows));
}

TEST_F(SmallParquetFiles, AreOpenedWhileOneIsReadAsManyAsThereAreThreads) {
  auto source = open(all().with_prefetch(false).with_chunk_size(1));
  ASSERT_TRUE(source);
  ASSERT_TRUE(source->read_chunk());  // there is another row
  const int num_threads = std::min(Executor::global()->num_threads(), kFiles - 2);
  for (int i = 1; i <= num_threads; ++i) wait_until_open(name(i));
  EXPECT_FALSE(is_open(name(num_threads + 1)));
}

// What is decoded already has more rows than are wanted now.
TEST_F(SmallParquetFiles, ChunksAreAsSmallAsIsAskedForInMidStream) {
  auto source = open(all().with_prefetch(false));
  ASSERT_TRUE(source);
  Rows rows;
  for (int i = 0; i < 3; ++i) append_rows(*(**source->read_chunk()).arrow(), rows);
  EXPECT_EQ(rows, expected(0, 3 * kRows));
  source->set_chunk_size(7);
  const auto chunk = source->read_chunk();
  ASSERT_TRUE(chunk && *chunk);
  EXPECT_EQ((*chunk)->height(), 7);
  append_rows(*(*chunk)->arrow(), rows);
  const Rows others = rest(*source);
  rows.insert(rows.end(), others.begin(), others.end());
  EXPECT_EQ(rows, expected());
}

TEST_F(SmallParquetFiles, GoOnFromAnyCheckpoint) {
  auto source = open(all().with_chunk_size(60).with_max_chunk_size(60));
  ASSERT_TRUE(source);
  Rows rows;
  for (;;) {
    auto chunk = source->read_chunk();
    ASSERT_TRUE(chunk);
    if (!*chunk) break;
    append_rows(*(*chunk)->arrow(), rows);
    auto checkpoint = source->checkpoint();
    ASSERT_TRUE(checkpoint);
    auto resumed = open(all().with_resume(*checkpoint));
    ASSERT_TRUE(resumed);
    ASSERT_EQ(rest(*resumed), expected(static_cast<std::int64_t>(rows.size())));
  }
  EXPECT_EQ(rows, expected());
}

TEST_F(SmallParquetFiles, ABadOneIsAnErrorInItsTurn) {
  write_text(name(7), "PAR1 this is none PAR1");
  auto source = open(all());
  ASSERT_TRUE(source);
  Rows rows = rest(*source);
  const std::string error = rows.back();
  rows.pop_back();
  EXPECT_EQ(rows, expected(0, 7 * kRows));
  EXPECT_THAT(error, HasSubstr(name(7)));
}

TEST_F(SmallParquetFiles, OneThatGoesAwayIsMissedInItsTurn) {
  auto source = open(all().with_prefetch(false));
  ASSERT_TRUE(source);
  ASSERT_TRUE(source->read_chunk());
  fs::remove(name(12));
  const Rows rows = rest(*source);
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(11 * kRows + 1));
  EXPECT_THAT(rows.back(), HasSubstr("start again without it"));
}

TEST_F(SmallParquetFiles, AreReadOneByOneWhereThereIsNoRoomForMore) {
  for (const char* limit : {"4MB", "8MB", "16MB", "64MB"}) {
    const auto budget = MemoryBudget::make(*parse_size(limit));
    auto source = open(SourceConfig(folder / "**/*.parquet").with_budget(budget));
    ASSERT_TRUE(source) << limit << source.error().to_string();
    EXPECT_EQ(rest(*source), expected()) << limit;
    EXPECT_LE(budget->peak_reserved_bytes(), budget->limit_bytes());
  }
}

// Files of rows are opened ahead, but not decoded: what they leave out is told in its turn.
TEST(SmallCsvFiles, TellOfRejectsWithTheChunksThatTheyWereLeftOutOf) {
  const TemporaryFolder folder;
  const SourceRegistry registry;
  std::vector<std::string> files;
  for (int i = 0; i < 50; ++i) {
    files.push_back(folder / (std::to_string(i) + ".csv"));
    write_text(files.back(), "a,b\n1,2\n3\n");
  }
  SourceConfig config(files);
  config.with_memory_limit("64MB").with_prefetch(false).with_option("ragged", "reject");
  auto source = registry.create("csv", config);
  ASSERT_TRUE(source) << source.error().to_string();
  std::vector<std::string> told;
  for (std::size_t chunks = 1; Result<DataFrame> & chunk : *source) {
    ASSERT_TRUE(chunk) << chunk.error().to_string();
    for (const Reject& reject : source->take_rejects()) told.push_back(reject.where.location);
    EXPECT_EQ(told.size(), chunks++);
  }
  EXPECT_EQ(told, files);
}

}  // namespace
}  // namespace polarway
