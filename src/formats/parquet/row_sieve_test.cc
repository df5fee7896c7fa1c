#include "formats/parquet/row_sieve.h"

#include <arrow/compute/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "frame/filter_batch.h"
#include "support/parquet_reading.h"

namespace polarway::pq {
namespace {

using polarway::testing::numbered_rows;
using polarway::testing::parquet_of;
using polarway::testing::ParquetOutcome;
using polarway::testing::read_parquet;
using ::testing::HasSubstr;

constexpr const char* kFilters[] = {
    "n > 30",
    "n >= 30 and n < 40",
    "n = 17",
    "n in (3, 999, 12)",
    "n is null",
    "n is not null",
    "n > 1000",
    "f > 0.5",
    "f >= 100",
    "f < 0",
    "f = nan",
    "f != 0.25",
    "f <= -0.0",
    "f = 0",
    "t > 'm'",
    "t = 'word 5'",
    "t like '%7'",
    "t is null or n < 10",
    "yes",
    "not yes and f < 0.1",
    "at > '2020-01-02T00:00:00'",
    "at <= '2020-01-01T00:01:00'",
    "price > 10.5",
    "price = 3.25",
    "n + 1 > 50",
    "day >= '2020-02-01'",
    "true",
    "n < 20 and t > 'word 3'",
};

template <class Builder, class Make>
std::shared_ptr<arrow::Array> column_of(Builder&& builder, std::mt19937& random, std::int64_t rows,
                                        int null_odds, Make make) {
  for (std::int64_t i = 0; i < rows; ++i) {
    const bool is_null = null_odds > 0 && random() % static_cast<unsigned>(null_odds) == 0;
    EXPECT_TRUE((is_null ? builder.AppendNull() : builder.Append(make(i))).ok());
  }
  return builder.Finish().ValueOrDie();
}

// Numbers that rise slowly, so that pages and row groups are of few of them; all else is mixed.
std::shared_ptr<arrow::Table> mixed_rows(std::int64_t rows, int null_odds) {
  std::mt19937 random(5);
  const double floats[] = {0.25, -0.0, 0.0, NAN, -1.5, 2.0, INFINITY, -INFINITY};
  const auto moment = arrow::timestamp(arrow::TimeUnit::MICRO);
  const auto price = arrow::decimal128(9, 2);
  constexpr std::int64_t kNewYear = 1'577'836'800'000'000;
  arrow::ArrayVector columns{
      column_of(arrow::Int32Builder(), random, rows, null_odds,
                [&](std::int64_t i) { return static_cast<int>(i * 50 / rows + random() % 3); }),
      column_of(arrow::DoubleBuilder(), random, rows, null_odds,
                [&](std::int64_t) { return floats[random() % 8]; }),
      column_of(arrow::StringBuilder(), random, rows, null_odds,
                [&](std::int64_t i) {
                  return "word " + std::to_string(random() % 9) +
                         std::string(i % 50 == 0 ? 300 : 0, 'z');
                }),
      column_of(arrow::BooleanBuilder(), random, rows, null_odds,
                [&](std::int64_t) { return random() % 2 == 0; }),
      column_of(arrow::TimestampBuilder(moment, arrow::default_memory_pool()), random, rows,
                null_odds, [&](std::int64_t i) { return kNewYear + i * 1'000'000; }),
      column_of(arrow::Decimal128Builder(price), random, rows, null_odds,
                [&](std::int64_t) { return arrow::Decimal128(static_cast<int>(random() % 2000)); }),
      column_of(arrow::Date32Builder(), random, rows, null_odds,
                [&](std::int64_t i) { return static_cast<int>(18'262 + i / 20); }),
  };
  return arrow::Table::Make(
      arrow::schema({arrow::field("n", arrow::int32()), arrow::field("f", arrow::float64()),
                     arrow::field("t", arrow::utf8()), arrow::field("yes", arrow::boolean()),
                     arrow::field("at", moment), arrow::field("price", price),
                     arrow::field("day", arrow::date32())}),
      columns);
}

std::shared_ptr<::parquet::WriterProperties> small_pages(
    bool has_index, bool has_dictionary, ::parquet::ParquetDataPageVersion version) {
  auto builder = ::parquet::WriterProperties::Builder();
  builder.data_pagesize(150)->write_batch_size(16)->data_page_version(version);
  builder.compression(::parquet::Compression::SNAPPY);
  has_index ? builder.enable_write_page_index() : builder.disable_write_page_index();
  has_dictionary ? builder.enable_dictionary() : builder.disable_dictionary();
  return builder.build();
}

std::shared_ptr<arrow::Table> filtered(const std::shared_ptr<arrow::Table>& table,
                                       const Expr& filter) {
  const auto batch = table->CombineChunksToBatch().ValueOrDie();
  const auto predicate = bind_predicate(filter, *batch->schema());
  EXPECT_TRUE(predicate) << predicate.error().message;
  const auto kept = filter_batch(batch, *predicate, arrow::default_memory_pool());
  return arrow::Table::FromRecordBatches(batch->schema(), {*kept}).ValueOrDie();
}

// NaN equals itself here.
bool same(const arrow::Table& a, const arrow::Table& b) {
  return a.Equals(b, arrow::EqualOptions::Defaults().nans_equal(true).signed_zeros_equal(false));
}

class Filters : public ::testing::TestWithParam<const char*> {};

TEST_P(Filters, LeaveTheRowsThatAreLeftWhenAllAreReadWhateverTheFileAndTheChunks) {
  const Expr filter = *parse_expr(GetParam());
  for (const int null_odds : {0, 4}) {
    const auto table = mixed_rows(700, null_odds);
    for (const bool has_index : {false, true}) {
      for (const bool has_dictionary : {false, true}) {
        const auto version = has_dictionary ? ::parquet::ParquetDataPageVersion::V1
                                            : ::parquet::ParquetDataPageVersion::V2;
        const std::string bytes =
            parquet_of(table, 300, small_pages(has_index, has_dictionary, version));
        ScanRequest request;
        request.filter = filter;
        for (const std::vector<std::string>& names :
             {table->ColumnNames(), {"t", "f"}, {"n"}, {"price", "yes", "day"}}) {
          request.columns = names;
          std::vector<int> numbers;
          for (const auto& name : names) numbers.push_back(table->schema()->GetFieldIndex(name));
          const auto expected = filtered(table, filter)->SelectColumns(numbers).ValueOrDie();
          for (const std::int64_t max_rows : {1, 13, 1000}) {
            const ParquetOutcome outcome = read_parquet({.bytes = bytes,
                                                         .request = request,
                                                         .max_rows = max_rows,
                                                         .parallel = max_rows == 13});
            ASSERT_FALSE(outcome.error) << outcome.error->to_string();
            EXPECT_FALSE(outcome.residual);
            EXPECT_EQ(outcome.bytes_left, 0);
            EXPECT_TRUE(same(*outcome.table, *expected))
                << outcome.table->ToString() << "\nexpected: " << expected->ToString();
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(RowSieve, Filters, ::testing::ValuesIn(kFilters));

TEST(RowSieve, ChunksKeepToTheirBytesAndGoOnAfterEveryPosition) {
  const auto table = mixed_rows(600, 5);
  const std::string bytes =
      parquet_of(table, 250, small_pages(true, true, ::parquet::ParquetDataPageVersion::V1));
  ScanRequest request;
  request.filter = *parse_expr("n > 10 and f < 1");
  request.columns = {"t", "n"};
  const auto expected = filtered(table, *request.filter)->SelectColumns({2, 0}).ValueOrDie();
  for (const std::int64_t max_bytes : {700, 3'000}) {
    const ParquetOutcome whole =
        read_parquet({.bytes = bytes, .request = request, .max_bytes = max_bytes});
    ASSERT_FALSE(whole.error) << whole.error->to_string();
    EXPECT_TRUE(same(*whole.table, *expected));
    EXPECT_GT(whole.chunk_rows.size(), 2U);
    std::int64_t row = 0;
    for (std::size_t i = 0; i < whole.positions.size(); ++i) {
      row += whole.chunk_rows[i];
      ScanRequest rest = request;
      rest.resume_from = whole.positions[i];
      const ParquetOutcome outcome = read_parquet({.bytes = bytes, .request = rest});
      ASSERT_FALSE(outcome.error) << outcome.error->to_string();
      EXPECT_TRUE(same(*outcome.table, *expected->Slice(row))) << row;
    }
  }
}

TEST(RowSieve, SplitsLeaveTogetherWhatTheWholeLeaves) {
  const auto table = mixed_rows(600, 5);
  const std::string bytes =
      parquet_of(table, 100, small_pages(true, true, ::parquet::ParquetDataPageVersion::V1));
  ScanRequest request;
  request.filter = *parse_expr("n > 10 and f < 1");
  Context context;
  context.budget = MemoryBudget::make(64 << 20);
  const auto decoder = make_parquet_decoder();
  ASSERT_TRUE(
      decoder->open(std::make_unique<polarway::testing::MemoryStream>(bytes), request, context));
  std::vector<std::shared_ptr<arrow::Table>> parts;
  const std::vector<Split> splits = *decoder->splits(3);
  for (const Split& split : splits) {
    request.split = split;
    parts.push_back(read_parquet({.bytes = bytes, .request = request}).table);
  }
  EXPECT_EQ(parts.size(), 3U);
  EXPECT_TRUE(
      same(*arrow::ConcatenateTables(parts).ValueOrDie(), *filtered(table, *request.filter)));
}

// Whatever stands in the pages of the other columns: they are not even decompressed.
TEST(RowSieve, PagesOfWhichNoRowIsLeftAreNotLookedAt) {
  const auto table = numbered_rows(4000, 50);
  for (const bool has_index : {false, true}) {
    auto builder = ::parquet::WriterProperties::Builder();
    builder.data_pagesize(500)->write_batch_size(16)->disable_dictionary();
    has_index ? builder.enable_write_page_index() : builder.disable_write_page_index();
    std::string bytes = parquet_of(table, 4000, builder.build());
    for (std::size_t at = 0; (at = bytes.find("1000xxxxxxxxxxxx", at)) != std::string::npos; ++at) {
      bytes[at + 20] = static_cast<char>(0xFF);  // no UTF-8 any more
    }
    ScanRequest request;
    request.columns = {"text"};
    EXPECT_TRUE(read_parquet({.bytes = bytes, .request = request}).error) << "the damage counts";
    for (const char* filter : {"id >= 3000", "half = 20", "id in (7, 3999)", "id < 100"}) {
      request.filter = *parse_expr(filter);
      const ParquetOutcome outcome = read_parquet({.bytes = bytes, .request = request});
      ASSERT_FALSE(outcome.error) << outcome.error->to_string();
      EXPECT_TRUE(
          same(*outcome.table, *filtered(table, *request.filter)->SelectColumns({2}).ValueOrDie()));
    }
  }
}

TEST(RowSieve, ReadsFewBytesWhereThePageIndexTellsPagesApart) {
  const auto table = numbered_rows(100'000, 20);
  const auto bytes_read = [&](bool has_index, const char* filter) {
    auto builder = ::parquet::WriterProperties::Builder();
    builder.data_pagesize(8'000)->disable_dictionary()->write_batch_size(200);
    has_index ? builder.enable_write_page_index() : builder.disable_write_page_index();
    const std::string bytes = parquet_of(table, 1 << 20, builder.build());
    ScanRequest request;
    request.columns = {"half"};
    if (filter != nullptr) request.filter = *parse_expr(filter);
    const ParquetOutcome outcome = read_parquet({.bytes = bytes, .request = request});
    EXPECT_FALSE(outcome.error);
    EXPECT_EQ(outcome.table->num_rows(), filter != nullptr ? 100 : 100'000);
    return outcome.bytes_read;
  };
  const std::int64_t all = bytes_read(true, nullptr);
  const std::int64_t without = bytes_read(false, "id >= 60000 and id < 60100");
  const std::int64_t with = bytes_read(true, "id >= 60000 and id < 60100");
  EXPECT_GT(without, all);  // the filter's column is read whole
  EXPECT_LT(with, all / 2);
}

TEST(RowSieve, AWrongValueIsAnErrorOnlyInRowsThatAreLeft) {
  arrow::Decimal128Builder prices(arrow::decimal128(5, 2));
  arrow::Int64Builder ids;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(prices.Append(i == 6 ? 100'000 : 5).ok());  // of six digits
    ASSERT_TRUE(ids.Append(i).ok());
  }
  const auto table = arrow::Table::Make(
      arrow::schema({arrow::field("price", prices.type()), arrow::field("id", arrow::int64())}),
      {prices.Finish().ValueOrDie(), ids.Finish().ValueOrDie()});
  ScanRequest request;
  request.columns = {"price"};
  request.filter = *parse_expr("id != 6");
  EXPECT_EQ(read_parquet({.bytes = parquet_of(table), .request = request}).table->num_rows(), 9);
  request.filter = *parse_expr("id >= 2");
  const ParquetOutcome outcome = read_parquet({.bytes = parquet_of(table), .request = request});
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.table->num_rows(), 4);
  EXPECT_EQ(outcome.error->where.row, 7);
  EXPECT_EQ(outcome.error->where.column, "price");
}

TEST(RowSieve, IsRefusedByNameWhereThereIsNoRoomForIt) {
  ScanRequest request;
  request.filter = *parse_expr("id > 3");
  const ParquetOutcome outcome = read_parquet(
      {.bytes = parquet_of(numbered_rows(100)), .request = request, .limit_bytes = 320'000});
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind, ErrorKind::MemoryLimit);
  EXPECT_THAT(outcome.error->message, HasSubstr("filter"));
}

// Without a sieve, as libparquet makes them.
TEST(RowSieve, ColumnsWithStructureComeWholeAndAreFilteredThen) {
  arrow::ListBuilder lists(arrow::default_memory_pool(), std::make_shared<arrow::Int32Builder>());
  arrow::Int64Builder ids;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(lists.Append().ok());
    ASSERT_TRUE(static_cast<arrow::Int32Builder*>(lists.value_builder())->Append(i).ok());
    ASSERT_TRUE(ids.Append(i).ok());
  }
  const auto table = arrow::Table::Make(
      arrow::schema({arrow::field("list", lists.type()), arrow::field("id", arrow::int64())}),
      {lists.Finish().ValueOrDie(), ids.Finish().ValueOrDie()});
  ScanRequest request;
  request.columns = {"list"};
  request.filter = *parse_expr("id > 3 and id != 6");
  const auto expected = filtered(table, *request.filter)->SelectColumns({0}).ValueOrDie();
  for (const std::int64_t max_rows : {1, 3, 100}) {
    const ParquetOutcome outcome =
        read_parquet({.bytes = parquet_of(table, 4), .request = request, .max_rows = max_rows});
    ASSERT_FALSE(outcome.error) << outcome.error->to_string();
    EXPECT_FALSE(outcome.residual);
    EXPECT_TRUE(outcome.table->Equals(*expected)) << outcome.table->ToString();
    EXPECT_EQ(outcome.bytes_left, 0);
    std::int64_t row = 0;
    for (std::size_t i = 0; i < outcome.positions.size(); ++i) {
      row += outcome.chunk_rows[i];
      ScanRequest rest = request;
      rest.resume_from = outcome.positions[i];
      EXPECT_TRUE(read_parquet({.bytes = parquet_of(table, 4), .request = rest})
                      .table->Equals(*expected->Slice(row)));
    }
  }
}

}  // namespace
}  // namespace polarway::pq
