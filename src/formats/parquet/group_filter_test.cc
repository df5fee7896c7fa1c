#include "formats/parquet/group_filter.h"

#include <arrow/io/memory.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/file_reader.h>
#include <parquet/schema.h>
#include <parquet/statistics.h>

#include <cmath>

#include "support/parquet_reading.h"

namespace polarway::pq {
namespace {

// Row groups of ten rows: the second has ids 10 to 19, and halves 5 to 9.5.
bool second_may_pass(const std::string& filter) {
  const std::string bytes = polarway::testing::parquet_of(polarway::testing::numbered_rows(30), 10);
  const auto metadata = ::parquet::ReadMetaData(arrow::io::BufferReader::FromString(bytes));
  const auto columns = find_columns(*metadata, arrow::Schema({}));
  const Expr expr = *parse_expr(filter);
  return GroupFilter(expr, *columns, *metadata, MemoryBudget::make(1 << 20)).may_pass(1);
}

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Pages of a hundred rows, in one row group of a thousand.
struct PagedFile {
  explicit PagedFile(const std::shared_ptr<arrow::Table>& table,
                     const ::parquet::BloomFilterOptions* bloom = nullptr, bool has_index = true) {
    auto builder = ::parquet::WriterProperties::Builder();
    builder.max_rows_per_page(100)->write_batch_size(100);
    has_index ? builder.enable_write_page_index() : builder.disable_write_page_index();
    if (bloom != nullptr) {
      for (const std::string& name : table->ColumnNames()) {
        builder.enable_bloom_filter(name, *bloom);
      }
    }
    bytes = polarway::testing::parquet_of(table, 1 << 20, builder.build());
    metadata = ::parquet::ReadMetaData(arrow::io::BufferReader::FromString(bytes));
    columns = *find_columns(*metadata, arrow::Schema({}));
  }

  RowRanges rows(const std::string& filter, std::int64_t limit_bytes = 16 << 20) const {
    const Expr expr = *parse_expr(filter);
    RandomAccess file(std::make_unique<polarway::testing::MemoryStream>(bytes));
    const auto budget = MemoryBudget::make(limit_bytes);
    const auto found = GroupFilter(expr, columns, *metadata, budget).rows(0, file, {});
    EXPECT_EQ(budget->reserved_bytes() + budget->arrow_pool()->bytes_allocated(), 0);
    return found;
  }

  std::string bytes;
  std::shared_ptr<::parquet::FileMetaData> metadata;
  std::vector<FileColumn> columns;
};

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

TEST(GroupFilter, FindsThePagesThatMayHaveSuchARow) {
  const PagedFile file(polarway::testing::numbered_rows(1000));
  EXPECT_THAT(file.rows("id < 250"), ElementsAre(RowRange{0, 300}));
  EXPECT_THAT(file.rows("id >= 900"), ElementsAre(RowRange{900, 1000}));
  EXPECT_THAT(file.rows("id > 999"), IsEmpty());
  EXPECT_THAT(file.rows("id = 99 or id = 800"), ElementsAre(RowRange{0, 100}, RowRange{800, 900}));
  EXPECT_THAT(file.rows("id in (5, 450, 451)"), ElementsAre(RowRange{0, 100}, RowRange{400, 500}));
  EXPECT_THAT(file.rows("id between 150 and 250 and half < 90"), ElementsAre(RowRange{100, 200}));
  EXPECT_THAT(file.rows("text is not null"), ElementsAre(RowRange{0, 1000}));
  EXPECT_THAT(file.rows("id is null"), IsEmpty());
  EXPECT_THAT(file.rows("half > 480"), ElementsAre(RowRange{0, 1000}));
  EXPECT_THAT(file.rows("id + 0 > 999"), ElementsAre(RowRange{0, 1000}));
}

TEST(GroupFilter, ReadsAllPagesWithoutAnIndexOrRoomForOne) {
  const auto table = polarway::testing::numbered_rows(1000);
  EXPECT_THAT(PagedFile(table, nullptr, false).rows("id < 250"), ElementsAre(RowRange{0, 1000}));
  EXPECT_THAT(PagedFile(table).rows("id < 250", 2'000), ElementsAre(RowRange{0, 1000}));
}

TEST(GroupFilter, AsksBloomFiltersForValuesBetweenTheBounds) {
  arrow::Int64Builder even;
  arrow::StringBuilder words;
  arrow::UInt32Builder large;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(even.Append(2 * ((i * 7) % 1000)).ok());
    ASSERT_TRUE(words.Append("word " + std::to_string((i * 7) % 1000)).ok());
    ASSERT_TRUE(large.Append(4'000'000'000U + static_cast<unsigned>((i * 7) % 1000) * 2).ok());
  }
  const auto table = arrow::Table::Make(
      arrow::schema({arrow::field("even", arrow::int64()), arrow::field("word", arrow::utf8()),
                     arrow::field("large", arrow::uint32())}),
      {even.Finish().ValueOrDie(), words.Finish().ValueOrDie(), large.Finish().ValueOrDie()});
  const ::parquet::BloomFilterOptions options{.ndv = 1000, .fpp = 0.0001};
  const PagedFile file(table, &options);
  for (const char* filter :
       {"even = 501", "word = 'word 5x'", "even in (3, 77, 1001)", "large = 4000000001",
        "even = 501 and word = 'word 5'", "word in ('a', 'word 1x')"}) {
    EXPECT_THAT(file.rows(filter), IsEmpty()) << filter;
  }
  for (const char* filter : {"even = 500", "word = 'word 5'", "even in (3, 500)",
                             "large = 4000000002", "even = 501 or even = 500", "even != 501"}) {
    EXPECT_FALSE(file.rows(filter).empty()) << filter;
  }
  EXPECT_FALSE(PagedFile(table).rows("even = 501").empty()) << "without one";
}

template <class T>
std::string stored(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

bool may_pass(::parquet::Type::type type, std::shared_ptr<const ::parquet::LogicalType> logical,
              const ::parquet::EncodedStatistics& statistics, const std::string& filter) {
  ::parquet::schema::NodeVector fields{::parquet::schema::PrimitiveNode::Make(
      "c", ::parquet::Repetition::OPTIONAL, std::move(logical), type)};
  const auto root = std::static_pointer_cast<::parquet::schema::GroupNode>(
      ::parquet::schema::GroupNode::Make("schema", ::parquet::Repetition::REQUIRED, fields));
  ::parquet::SchemaDescriptor schema;
  schema.Init(root);
  const auto builder =
      ::parquet::FileMetaDataBuilder::Make(&schema, ::parquet::default_writer_properties());
  auto* group = builder->AppendRowGroup();
  group->set_num_rows(10);
  auto* chunk = group->NextColumnChunk();
  chunk->SetStatistics(statistics);
  chunk->Finish(10, 0, 0, 4, 100, 100, false, false, {}, {});
  group->Finish(100);
  const auto metadata = builder->Finish();
  const auto columns = *find_columns(*metadata, arrow::Schema({}));
  const Expr expr = *parse_expr(filter);
  return GroupFilter(expr, columns, *metadata, MemoryBudget::make(1 << 20)).may_pass(0);
}

TEST(GroupFilter, BoundsThatAreNoneOrInTheWrongOrderTellNothing) {
  const auto may = [](const std::string& least, const std::string& largest, const char* filter) {
    ::parquet::EncodedStatistics statistics;
    statistics.set_min(least).set_max(largest).set_null_count(0);
    return may_pass(::parquet::Type::DOUBLE, ::parquet::LogicalType::None(), statistics, filter);
  };
  EXPECT_FALSE(may(stored(1.0), stored(2.0), "c < 1"));
  EXPECT_TRUE(may(stored(2.0), stored(1.0), "c < 1"));
  EXPECT_TRUE(may(stored(NAN), stored(2.0), "c < 1"));
  EXPECT_TRUE(may(stored(1.0), stored(NAN), "c < 1"));
  EXPECT_TRUE(may(stored(1.0F), stored(2.0F), "c < 1")) << "of another width";
  EXPECT_TRUE(may(stored(0.0), stored(0.0), "c <= -0.0"));
  EXPECT_FALSE(may(stored(0.0), stored(0.0), "c < 0"));
}

TEST(GroupFilter, OneBoundAloneTellsNothingButTheNumberOfNullsDoes) {
  ::parquet::EncodedStatistics statistics;
  statistics.set_min(stored(std::int64_t{5}));
  const auto may = [&](const char* filter) {
    return may_pass(::parquet::Type::INT64, ::parquet::LogicalType::None(), statistics, filter);
  };
  EXPECT_TRUE(may("c < 1"));
  EXPECT_TRUE(may("c is null"));
  statistics.set_null_count(10);
  EXPECT_FALSE(may("c < 1"));
  EXPECT_FALSE(may("c is not null"));
  statistics.set_null_count(0);
  EXPECT_FALSE(may("c is null"));
}

// A writer cuts long text off: the least is made smaller by that, and the largest is made larger.
TEST(GroupFilter, TextThatIsCutOffIsABoundStill) {
  ::parquet::EncodedStatistics statistics;
  statistics.set_min("abc").set_max("xz").set_null_count(0);  // of "abcd..." and "xyz..."
  const auto may = [&](const char* filter) {
    return may_pass(::parquet::Type::BYTE_ARRAY, ::parquet::LogicalType::String(), statistics,
                    filter);
  };
  EXPECT_TRUE(may("c = 'xyzzz'"));
  EXPECT_TRUE(may("c > 'xyz'"));
  EXPECT_TRUE(may("c = 'abcd'"));
  EXPECT_FALSE(may("c > 'xz'"));
  EXPECT_FALSE(may("c < 'abb'"));
}

TEST(GroupFilter, DecimalsAndMomentsAreComparedAsTheyAreMeant) {
  ::parquet::EncodedStatistics statistics;
  statistics.set_min(stored(std::int64_t{100})).set_max(stored(std::int64_t{200}));
  statistics.set_null_count(0);
  const auto decimal = ::parquet::LogicalType::Decimal(18, 2);
  EXPECT_FALSE(may_pass(::parquet::Type::INT64, decimal, statistics, "c > 2"));
  EXPECT_TRUE(may_pass(::parquet::Type::INT64, decimal, statistics, "c > 1.99"));
  const auto moment =
      ::parquet::LogicalType::Timestamp(false, ::parquet::LogicalType::TimeUnit::MILLIS);
  EXPECT_FALSE(may_pass(::parquet::Type::INT64, moment, statistics, "c >= '1970-01-01T00:00:01'"));
  EXPECT_TRUE(
      may_pass(::parquet::Type::INT64, moment, statistics, "c >= '1970-01-01T00:00:00.150'"));
}

}  // namespace
}  // namespace polarway::pq
