#include "formats/parquet/parquet_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "support/parquet_reading.h"

namespace polarway::pq {
namespace {

using polarway::testing::numbered_rows;
using polarway::testing::parquet_of;
using polarway::testing::ParquetOutcome;
using polarway::testing::read_parquet;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Le;

std::shared_ptr<::parquet::WriterProperties> pages_of(std::int64_t bytes) {
  return ::parquet::WriterProperties::Builder()
      .data_pagesize(bytes)
      ->write_batch_size(16)
      ->compression(::parquet::Compression::SNAPPY)
      ->build();
}

TEST(ParquetDecoder, ADecimalOfMoreDigitsThanItsTypeHasIsNamed) {
  arrow::Decimal128Builder values(arrow::decimal128(5, 2));
  for (const int value : {99'999, -99'999, 100'000}) ASSERT_TRUE(values.Append(value).ok());
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("d", values.type())}),
                                        {values.Finish().ValueOrDie()});
  const ParquetOutcome outcome = read_parquet({.bytes = parquet_of(table), .max_rows = 2});
  EXPECT_EQ(outcome.table->num_rows(), 2);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->where.row, 3);
  EXPECT_EQ(outcome.error->where.column, "d");
  EXPECT_THAT(outcome.error->message, HasSubstr("decimal128(5, 2)"));
}

TEST(ParquetDecoder, RowsDoNotDependOnChunksPagesRowGroupsOrThreads) {
  const auto table = numbered_rows(1000);
  for (const std::int64_t group : {64, 333, 1000}) {
    const std::string bytes = parquet_of(table, group, pages_of(group));
    for (const std::int64_t rows : {1, 7, 100, 1000}) {
      for (const bool parallel : {false, true}) {
        const ParquetOutcome outcome =
            read_parquet({.bytes = bytes, .max_rows = rows, .parallel = parallel});
        EXPECT_FALSE(outcome.error);
        EXPECT_TRUE(outcome.table->Equals(*table)) << group << ' ' << rows;
        EXPECT_THAT(outcome.chunk_rows, Each(Le(rows)));
      }
    }
  }
}

TEST(ParquetDecoder, ChunksKeepToTheirBytesHoweverLongTextIs) {
  const auto table = numbered_rows(2000, 300);
  const std::string bytes = parquet_of(table, 900, pages_of(5000));
  for (const std::int64_t max_bytes : {2'000, 10'000, 100'000}) {
    const ParquetOutcome outcome = read_parquet({.bytes = bytes, .max_bytes = max_bytes});
    EXPECT_FALSE(outcome.error);
    EXPECT_TRUE(outcome.table->Equals(*table));
    EXPECT_THAT(outcome.chunk_rows, Each(Le(max_bytes / 200)));
  }
}

TEST(ParquetDecoder, ARowLargerThanAChunkSaysWhatItNeedsAndIsReadWithThat) {
  const auto table = numbered_rows(10, 5000);
  const std::string bytes = parquet_of(table);
  const ParquetOutcome refused = read_parquet({.bytes = bytes, .max_bytes = 1000});
  ASSERT_TRUE(refused.error);
  ASSERT_EQ(refused.error->kind, ErrorKind::MemoryLimit);
  const std::int64_t needed = refused.error->memory->needed_bytes;
  EXPECT_GT(needed, 5000);
  EXPECT_TRUE(read_parquet({.bytes = bytes, .max_bytes = needed + 100}).table->Equals(*table));
}

TEST(ParquetDecoder, GoesOnAfterAnyPositionExactly) {
  const auto table = numbered_rows(500);
  const std::string bytes = parquet_of(table, 120, pages_of(200));
  const ParquetOutcome whole = read_parquet({.bytes = bytes, .max_rows = 37});
  std::int64_t row = 0;
  for (std::size_t i = 0; i < whole.positions.size(); ++i) {
    row += whole.chunk_rows[i];
    ScanRequest request;
    request.resume_from = whole.positions[i];
    const ParquetOutcome rest = read_parquet({.bytes = bytes, .request = request, .max_rows = 50});
    EXPECT_FALSE(rest.error);
    EXPECT_TRUE(rest.table->Equals(*table->Slice(row))) << row;
  }
}

TEST(ParquetDecoder, APositionOfAnotherFileIsChanged) {
  const std::string bytes = parquet_of(numbered_rows(10));
  ScanRequest request;
  request.resume_from = read_parquet({.bytes = bytes, .max_rows = 3}).positions.front();
  const auto other = read_parquet({.bytes = parquet_of(numbered_rows(1000)), .request = request});
  ASSERT_TRUE(other.error);
  EXPECT_EQ(other.error->kind, ErrorKind::Changed);
  request.resume_from = "nonsense";
  EXPECT_EQ(read_parquet({.bytes = bytes, .request = request}).error->kind, ErrorKind::Config);
}

TEST(ParquetDecoder, SplitsTogetherAreTheWhole) {
  const auto table = numbered_rows(1000);
  const std::string bytes = parquet_of(table, 90, pages_of(300));
  Context context;
  context.budget = MemoryBudget::make(64 << 20);
  const auto decoder = make_parquet_decoder();
  ASSERT_TRUE(decoder->open(std::make_unique<polarway::testing::MemoryStream>(bytes), {}, context));
  for (const int pieces : {1, 3, 12, 50}) {
    const auto splits = decoder->splits(pieces);
    ASSERT_TRUE(splits);
    EXPECT_LE(splits->size(), static_cast<std::size_t>(pieces));
    std::vector<std::shared_ptr<arrow::Table>> parts;
    for (const Split& split : *splits) {
      ScanRequest request;
      request.split = split;
      parts.push_back(read_parquet({.bytes = bytes, .request = request}).table);
    }
    EXPECT_TRUE(arrow::ConcatenateTables(parts).ValueOrDie()->Equals(*table)) << pieces;
  }
}

TEST(ParquetDecoder, AnUnfinishedSplitGoesOnToItsEndOnly) {
  const std::string bytes = parquet_of(numbered_rows(300), 100);
  Context context;
  context.budget = MemoryBudget::make(64 << 20);
  const auto decoder = make_parquet_decoder();
  ASSERT_TRUE(decoder->open(std::make_unique<polarway::testing::MemoryStream>(bytes), {}, context));
  ScanRequest request;
  request.split = decoder->splits(3)->at(1);
  const ParquetOutcome first = read_parquet({.bytes = bytes, .request = request, .max_rows = 30});
  request.resume_from = first.positions.front();
  EXPECT_EQ(read_parquet({.bytes = bytes, .request = request}).table->num_rows(), 70);
  request.resume_from = first.positions.back();
  EXPECT_EQ(read_parquet({.bytes = bytes, .request = request}).table->num_rows(), 0);
}

TEST(ParquetDecoder, OnlyWantedColumnsComeInTheOrderAskedFor) {
  const auto table = numbered_rows(50);
  ScanRequest request;
  request.columns = {"text", "id"};
  const auto outcome = read_parquet({.bytes = parquet_of(table), .request = request});
  EXPECT_TRUE(outcome.table->Equals(*table->SelectColumns({2, 0}).ValueOrDie()));
  request.columns = {"txt"};
  const auto unknown = read_parquet({.bytes = parquet_of(table), .request = request});
  EXPECT_EQ(unknown.error->kind, ErrorKind::Config);
  EXPECT_THAT(unknown.error->hint, HasSubstr("text"));
}

TEST(ParquetDecoder, WithoutColumnsRowsAreCountedByTheFooter) {
  ScanRequest request;
  request.columns.emplace();
  const auto outcome =
      read_parquet({.bytes = parquet_of(numbered_rows(5000), 700), .request = request});
  EXPECT_EQ(std::accumulate(outcome.chunk_rows.begin(), outcome.chunk_rows.end(), 0L), 5000);
  EXPECT_EQ(outcome.num_records, 5000);
}

TEST(ParquetDecoder, StopsAtALimit) {
  ScanRequest request;
  request.limit = 17;
  const auto outcome = read_parquet(
      {.bytes = parquet_of(numbered_rows(100), 10), .request = request, .max_rows = 5});
  EXPECT_EQ(outcome.table->num_rows(), 17);
}

TEST(ParquetDecoder, GivesBackAllItsMemory) {
  const std::string bytes = parquet_of(numbered_rows(1000), 300, pages_of(500));
  EXPECT_EQ(read_parquet({.bytes = bytes}).bytes_left, 0);
  EXPECT_EQ(read_parquet({.bytes = bytes, .max_bytes = 10}).bytes_left, 0);
}

// Pages of all columns at a time need more than there is: they are read in turn, again and again.
TEST(ParquetDecoder, ColumnsTakeTurnsWhereTheirPagesDoNotFitTogether) {
  std::vector<std::shared_ptr<arrow::ChunkedArray>> columns;
  arrow::FieldVector fields;
  const auto numbers = numbered_rows(60'000)->column(0);
  for (int i = 0; i < 12; ++i) {
    columns.push_back(numbers);
    fields.push_back(arrow::field("c" + std::to_string(i), arrow::int64()));
  }
  const auto table = arrow::Table::Make(arrow::schema(fields), columns);
  const auto one_page = ::parquet::WriterProperties::Builder()
                            .disable_dictionary()
                            ->data_pagesize(1 << 20)
                            ->max_rows_per_page(1 << 20)
                            ->build();
  // A page has 480 KB.
  const auto outcome = read_parquet(
      {.bytes = parquet_of(table, 1 << 20, one_page), .max_rows = 5'000, .limit_bytes = 2'500'000});
  EXPECT_FALSE(outcome.error) << outcome.error->to_string();
  EXPECT_TRUE(outcome.table->Equals(*table));
}

TEST(ParquetDecoder, APageLargerThanTheBudgetIsRefusedByItsPlace) {
  const auto one_page = ::parquet::WriterProperties::Builder()
                            .disable_dictionary()
                            ->data_pagesize(1 << 30)
                            ->max_rows_per_page(1 << 20)
                            ->build();
  const auto outcome = read_parquet(
      {.bytes = parquet_of(numbered_rows(200'000), 1 << 20, one_page), .limit_bytes = 1'400'000});
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind, ErrorKind::MemoryLimit);
  EXPECT_THAT(outcome.error->message, HasSubstr("row group 0"));
  EXPECT_FALSE(outcome.error->where.column.empty());
  EXPECT_EQ(outcome.bytes_left, 0);
}

TEST(ParquetDecoder, NoByteFlippedOrMissingBreaksIt) {
  const std::string good = parquet_of(numbered_rows(60), 25, pages_of(100));
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    const ParquetOutcome flipped = read_parquet({.bytes = bad, .max_rows = 9});
    EXPECT_EQ(flipped.bytes_left, 0) << at;
    EXPECT_TRUE(read_parquet({.bytes = good.substr(0, at)}).error) << at;
  }
}

}  // namespace
}  // namespace polarway::pq
