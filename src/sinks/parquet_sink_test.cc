#include "sinks/parquet_sink.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <random>
#include <string>

#include "sinks/parquet_layout.h"
#include "support/memory_output.h"
#include "support/temporary_folder.h"

namespace polarway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MemoryOutput;
using testing::read_text;
using testing::TemporaryFolder;

std::shared_ptr<arrow::Array> array(const std::shared_ptr<arrow::DataType>& type,
                                    const std::string& json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

DataFrame frame(const arrow::ArrayVector& arrays) {
  arrow::FieldVector fields;
  for (const auto& values : arrays) {
    fields.push_back(arrow::field("c" + std::to_string(fields.size()), values->type()));
  }
  return DataFrame(arrow::RecordBatch::Make(arrow::schema(fields), arrays[0]->length(), arrays));
}

// Numbers and texts that do not compress, and that no dictionary helps.
DataFrame random_rows(std::int64_t num_rows, int seed = 1) {
  std::mt19937_64 random(static_cast<std::uint64_t>(seed));
  arrow::Int64Builder numbers;
  arrow::StringBuilder texts;
  arrow::DoubleBuilder doubles;
  for (std::int64_t i = 0; i < num_rows; ++i) {
    EXPECT_TRUE(numbers.Append(static_cast<std::int64_t>(random())).ok());
    EXPECT_TRUE(texts.Append(std::to_string(random())).ok());
    EXPECT_TRUE(doubles.Append(static_cast<double>(random())).ok());
  }
  return frame({*numbers.Finish(), *texts.Finish(), *doubles.Finish()});
}

struct Target {
  std::shared_ptr<MemoryBudget> budget = MemoryBudget::make(32 << 20);
  std::shared_ptr<MemoryOutput::State> output = std::make_shared<MemoryOutput::State>();

  bool parallel = true;

  Result<std::unique_ptr<Sink>> sink(const Schema& schema,
                                     std::map<std::string, std::string> options = {}) const {
    return make_parquet_sink({.path = "memory",
                              .format = {},
                              .schema = schema,
                              .budget = budget,
                              .options = std::move(options),
                              .parallel = parallel},
                             [this]() -> Result<std::unique_ptr<Output>> {
                               return std::make_unique<MemoryOutput>(output);
                             });
  }
  std::shared_ptr<arrow::io::BufferReader> file() const {
    return std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(output->bytes));
  }
  std::shared_ptr<parquet::FileMetaData> metadata() const {
    return parquet::ParquetFileReader::Open(file())->metadata();
  }
  std::shared_ptr<arrow::Table> read_back() const {
    parquet::arrow::FileReaderBuilder builder;
    auto properties = parquet::default_reader_properties();
    properties.set_page_checksum_verification(true);
    EXPECT_TRUE(builder.Open(file(), properties).ok());
    return builder.Build().ValueOrDie()->ReadTable().ValueOrDie();
  }
};

void write_all(const Target& target, const std::vector<DataFrame>& frames,
               std::map<std::string, std::string> options = {}) {
  const auto sink = target.sink(frames[0].schema(), std::move(options));
  ASSERT_TRUE(sink) << sink.error().to_string();
  for (const DataFrame& rows : frames) {
    const Result<void> written = (*sink)->write(rows);
    ASSERT_TRUE(written) << written.error().to_string();
  }
  const Result<void> finished = (*sink)->finish();
  ASSERT_TRUE(finished) << finished.error().to_string();
  EXPECT_TRUE(target.output->committed);
}

TEST(ParquetSink, ReadsBackAsWritten) {
  const auto utc = arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  const auto paris = arrow::timestamp(arrow::TimeUnit::NANO, "Europe/Paris");
  const DataFrame rows = frame({
      array(arrow::int8(), "[-128, 127, null]"),
      array(arrow::uint64(), "[0, 18446744073709551615, null]"),
      array(arrow::float16(), "[0.5, 1, null]"),
      array(arrow::float64(), "[0.1, -0.0, null]"),
      array(arrow::boolean(), "[true, false, null]"),
      array(arrow::date32(), "[0, -1, null]"),
      array(arrow::timestamp(arrow::TimeUnit::MILLI), "[0, -1, null]"),
      array(utc, "[0, -1, null]"),
      array(paris, "[0, -1, null]"),
      array(arrow::time64(arrow::TimeUnit::MICRO), "[0, 1, null]"),
      array(arrow::duration(arrow::TimeUnit::MILLI), "[0, 1, null]"),
      array(arrow::decimal128(20, 3), R"(["-0.001", "1.000", null])"),
      array(arrow::utf8(), R"(["", "☃", null])"),
      array(arrow::large_utf8(), R"(["", "x", null])"),
      array(arrow::binary(), R"(["", "x", null])"),
      array(arrow::null(), "[null, null, null]"),
      array(arrow::dictionary(arrow::int32(), arrow::utf8()), R"(["a", "b", null])"),
      array(arrow::list(arrow::int64()), "[[1, null], [], null]"),
      array(arrow::struct_({arrow::field("x", arrow::int64()), arrow::field("y", arrow::utf8())}),
            R"([{"x": 1, "y": null}, null, {"x": null, "y": "z"}])"),
  });
  for (const std::string codec : {"snappy", "zstd", "gzip", "lz4", "none"}) {
    const Target target;
    write_all(target, {rows, rows}, {{"compression", codec}});
    const auto table = target.read_back();
    const auto expected =
        arrow::Table::FromRecordBatches({rows.arrow(), rows.arrow()}).ValueOrDie();
    EXPECT_TRUE(table->schema()->Equals(*expected->schema(), false)) << table->schema()->ToString();
    for (int i = 0; i < expected->num_columns(); ++i) {
      EXPECT_TRUE(table->column(i)->Equals(*expected->column(i)))
          << codec << " " << expected->field(i)->ToString() << table->column(i)->ToString();
    }
    const auto column = target.metadata()->RowGroup(0)->ColumnChunk(0);
    EXPECT_EQ(column->compression() == arrow::Compression::UNCOMPRESSED, codec == "none");
  }
}

TEST(ParquetSink, WritesAValidFileForATableWithoutRows) {
  const Target target;
  write_all(target, {random_rows(0)});
  const auto table = target.read_back();
  EXPECT_EQ(table->num_rows(), 0);
  EXPECT_TRUE(table->schema()->Equals(*random_rows(0).arrow()->schema(), false));
}

TEST(ParquetSink, ClosesARowGroupWhenItHasTheBytesAskedFor) {
  const Target target;
  const DataFrame rows = random_rows(250'000);
  write_all(target, {rows.slice(0, 100'000), rows.slice(100'000, 10), rows.slice(100'010, 250'000)},
            {{"row_group_bytes", "1MiB"}, {"compression", "none"}});
  const auto metadata = target.metadata();
  EXPECT_GT(metadata->num_row_groups(), 5);
  EXPECT_EQ(metadata->num_rows(), 250'000);
  for (int i = 0; i < metadata->num_row_groups(); ++i) {
    const auto group = metadata->RowGroup(i);
    EXPECT_LT(group->total_compressed_size(), (1 << 20) * 1.15);
    if (i + 1 < metadata->num_row_groups()) {
      EXPECT_GT(group->total_compressed_size(), (1 << 20) * 0.85);
    }
    EXPECT_TRUE(group->ColumnChunk(0)->is_stats_set());
    EXPECT_TRUE(group->ColumnChunk(0)->GetColumnIndexLocation().has_value());
  }
  EXPECT_TRUE(target.read_back()->CombineChunksToBatch().ValueOrDie()->Equals(*rows.arrow()));
}

TEST(ParquetSink, TakesNoMoreThanItsLeaseHoweverMuchIsWritten) {
  for (const std::string codec : {"snappy", "zstd"}) {
    for (const std::int64_t limit : {8'000'000, 40'000'000}) {
      Target target;
      target.budget = MemoryBudget::make(limit);
      const DataFrame rows = random_rows(50'000);
      const auto sink = *target.sink(rows.schema(), {{"compression", codec}});
      const std::int64_t lease = target.budget->reserved_bytes();
      EXPECT_LT(lease, 16'000'000);
      for (int i = 0; i < 20; ++i) ASSERT_TRUE(sink->write(rows));
      ASSERT_TRUE(sink->finish());
      EXPECT_EQ(target.budget->peak_reserved_bytes(), lease);
      EXPECT_LE(target.budget->arrow_pool()->max_memory(), lease);
      EXPECT_EQ(target.budget->arrow_pool()->bytes_allocated(), 0);
      EXPECT_EQ(target.budget->reserved_bytes(), 0);
      EXPECT_GT(target.metadata()->num_row_groups(), 2);
    }
  }
}

TEST(ParquetSink, AsksForMoreWhenARowIsWideAndGivesItBack) {
  arrow::StringBuilder builder;
  ASSERT_TRUE(builder.Append(std::string(3'000'000, 'x')).ok());
  ASSERT_TRUE(builder.Append("narrow").ok());
  const DataFrame rows = frame({*builder.Finish()});
  Target target;
  const auto sink =
      *target.sink(rows.schema(), {{"row_group_bytes", "1MiB"}, {"compression", "none"}});
  const std::int64_t lease = target.budget->reserved_bytes();
  ASSERT_TRUE(sink->write(rows));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(sink->write(rows));
  EXPECT_GT(target.budget->peak_reserved_bytes(), lease);
  EXPECT_LE(target.budget->arrow_pool()->max_memory(), target.budget->peak_reserved_bytes());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(sink->write(rows.slice(1, 1)));
  EXPECT_EQ(target.budget->reserved_bytes(), lease);
  ASSERT_TRUE(sink->finish());
  EXPECT_EQ(target.read_back()->num_rows(), 11);

  target.budget = MemoryBudget::make(8'000'000);
  const auto small = *target.sink(rows.schema());
  const Result<void> written = small->write(rows);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::MemoryLimit);
}

// Columns that a dictionary helps, a little, much and not at all, with nulls, and one with lists.
DataFrame mixed_rows(std::int64_t num_rows, std::mt19937_64& random) {
  arrow::Int64Builder ids;
  arrow::Int32Builder days;
  arrow::DoubleBuilder amounts;
  arrow::BooleanBuilder flags;
  arrow::StringBuilder countries, texts;
  const auto list_values = std::make_shared<arrow::Int64Builder>();
  arrow::ListBuilder lists(arrow::default_memory_pool(), list_values);
  const auto append = [&](auto& builder, auto value) {
    EXPECT_TRUE((random() % 10 == 0 ? builder.AppendNull() : builder.Append(value)).ok());
  };
  for (std::int64_t i = 0; i < num_rows; ++i) {
    append(ids, static_cast<std::int64_t>(random()));
    append(days, static_cast<std::int32_t>(random() % 5000));
    append(amounts, static_cast<double>(random() % 1'000'000) / 100);
    append(flags, random() % 2 == 0);
    append(countries, "country " + std::to_string(random() % 30));
    append(texts, std::string(random() % 40, 't') + std::to_string(random()));
    EXPECT_TRUE((random() % 10 == 0 ? lists.AppendNull() : lists.Append()).ok());
    if (i % 2 == 0) {
      EXPECT_TRUE(list_values->Append(i).ok());
    }
  }
  return frame({*ids.Finish(), *days.Finish(), *amounts.Finish(), *flags.Finish(),
                *countries.Finish(), *texts.Finish(), *lists.Finish()});
}

TEST(ParquetSink, WritesTheSameBytesOnOneThreadAndOnSeveral) {
  std::mt19937_64 random(11);
  for (const std::int64_t limit : {20 << 20, 64 << 20}) {
    std::vector<DataFrame> frames;
    for (int i = 0; i < 12; ++i) {
      frames.push_back(mixed_rows(1 + static_cast<std::int64_t>(random() % 20'000), random));
    }
    Target one, several;
    one.parallel = false;
    for (Target* target : {&one, &several}) {
      target->budget = MemoryBudget::make(limit);
      write_all(*target, frames, {{"row_group_bytes", "1MiB"}});
    }
    EXPECT_GT(one.metadata()->num_row_groups(), 3);
    EXPECT_TRUE(one.output->bytes == several.output->bytes);
    std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
    for (const DataFrame& rows : frames) batches.push_back(rows.arrow());
    const auto expected = arrow::Table::FromRecordBatches(batches).ValueOrDie();
    EXPECT_TRUE(several.read_back()->Equals(*expected));
  }
}

TEST(ParquetSink, TakesNoMoreThanItsLeaseForDictionariesOfTheWorstTypes) {
  for (const std::int64_t limit : {12'000'000, 128'000'000}) {
    for (const unsigned num_distinct : {7'000u, 30'000u}) {
      std::mt19937_64 random(3);
      arrow::ArrayVector columns;
      for (int i = 0; i < 10; ++i) {
        arrow::Int32Builder numbers;
        arrow::StringBuilder texts;
        for (int row = 0; row < 100'000; ++row) {
          const auto value = static_cast<std::int32_t>(random() % num_distinct);
          ASSERT_TRUE(numbers.Append(value).ok());
          ASSERT_TRUE(texts.Append(std::to_string(value)).ok());
        }
        columns.push_back(i % 2 == 0 ? *numbers.Finish() : *texts.Finish());
      }
      const DataFrame rows = frame(columns);
      Target target;
      target.budget = MemoryBudget::make(limit);
      const auto sink = *target.sink(rows.schema(), {{"compression", "none"}});
      const std::int64_t lease = target.budget->reserved_bytes();
      for (int i = 0; i < 4; ++i) ASSERT_TRUE(sink->write(rows));
      ASSERT_TRUE(sink->finish());
      EXPECT_LE(target.budget->arrow_pool()->max_memory(), lease) << limit << " " << num_distinct;
    }
  }
}

TEST(ParquetSink, TakesDictionariesThatDifferFromFrameToFrame) {
  const auto type = arrow::dictionary(arrow::int8(), arrow::utf8());
  const DataFrame first = frame({array(type, R"(["a", "b", null])")});
  const DataFrame second = frame({array(type, R"(["c", "a", "d"])")});
  const Target target;
  write_all(target, {first, second, first});
  const auto texts = target.read_back()->GetColumnByName("c0");
  EXPECT_THAT(texts->GetScalar(3).ValueOrDie()->ToString(), HasSubstr("c"));
  EXPECT_EQ(target.metadata()->num_row_groups(), 1);
  EXPECT_EQ(target.metadata()->num_rows(), 9);
}

TEST(ParquetSink, RefusesABudgetWithoutRoomForARowGroup) {
  Target target;
  target.budget = MemoryBudget::make(2'000'000);
  const auto sink = target.sink(random_rows(1).schema());
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().kind, ErrorKind::MemoryLimit);
}

TEST(ParquetSink, EveryWriteMayFailAndSaysWhatTheOutputSaid) {
  const DataFrame rows = random_rows(40'000);
  for (int nth = 0;; ++nth) {
    Target target;
    target.output->fail_append = nth;
    const auto sink = *target.sink(rows.schema(), {{"row_group_bytes", "1MiB"}});
    Result<void> outcome;
    for (int i = 0; outcome && i < 3; ++i) outcome = sink->write(rows);
    if (outcome) outcome = sink->finish();
    if (target.output->num_appends <= nth) {
      EXPECT_TRUE(outcome);
      EXPECT_GT(nth, 5);
      break;
    }
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message, "injected");
    EXPECT_FALSE(sink->write(rows)) << "the first error is final";
    EXPECT_FALSE(sink->finish());
    EXPECT_FALSE(target.output->committed);
    sink->abort();
    EXPECT_TRUE(target.output->aborted);
    EXPECT_EQ(target.budget->arrow_pool()->bytes_allocated(), 0);
    EXPECT_EQ(target.budget->reserved_bytes(), 0);
  }
}

TEST(ParquetSink, LeavesNoFileWhenItIsDestroyedWithRowsInHand) {
  TemporaryFolder folder;
  const DataFrame rows = random_rows(100'000);
  {
    const auto sink = make_sink({.path = folder / "out.parquet",
                                 .format = {},
                                 .schema = rows.schema(),
                                 .budget = MemoryBudget::make(16 << 20)});
    ASSERT_TRUE(sink);
    ASSERT_TRUE((*sink)->write(rows));
    EXPECT_GT((*sink)->bytes_written(), 0);
    EXPECT_EQ(folder.names().count("out.parquet"), 0u);
  }
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(ParquetSink, HasNoPositionToGoOnFromAndIsNoneTheWorse) {
  const Target target;
  const DataFrame rows = random_rows(10);
  const auto sink = *target.sink(rows.schema());
  ASSERT_TRUE(sink->write(rows));
  EXPECT_EQ(sink->sync().error().kind, ErrorKind::UnsupportedOperation);
  EXPECT_THAT(sink->sync().error().message, HasSubstr("footer"));
  EXPECT_TRUE(sink->finish());
  EXPECT_EQ(target.read_back()->num_rows(), 10);
}

TEST(ParquetSink, NamesTheColumnThatParquetCannotHold) {
  const auto schema = arrow::schema(
      {arrow::field("good", arrow::int64()), arrow::field("bad", arrow::month_interval())});
  const auto sink = Target().sink(Schema(schema));
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().kind, ErrorKind::Config);
  EXPECT_EQ(sink.error().where.column, "bad");
}

}  // namespace
}  // namespace polarway
