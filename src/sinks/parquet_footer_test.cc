#include "sinks/parquet_footer.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/json/from_string.h>
#include <gtest/gtest.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <string>

#include "sinks/parquet_layout.h"
#include "sinks/parquet_row_group.h"
#include "support/memory_output.h"

namespace polarway {
namespace {

using testing::MemoryOutput;

std::shared_ptr<arrow::RecordBatch> two_rows() {
  const auto schema =
      arrow::schema({arrow::field("n", arrow::int64()), arrow::field("s", arrow::utf8())});
  return arrow::RecordBatch::Make(
      schema, 2,
      {arrow::json::ArrayFromJSONString(arrow::int64(), "[1, null]").ValueOrDie(),
       arrow::json::ArrayFromJSONString(arrow::utf8(), R"(["one", "two"])").ValueOrDie()});
}

// A Parquet file whose row groups come from a writer each, and the ends that these writers wrote.
struct File {
  std::string bytes;
  std::vector<std::string> ends;
};

File file_of(int num_row_groups) {
  auto state = std::make_shared<MemoryOutput::State>();
  MemoryOutput output(state);
  const auto rows = two_rows();
  const RowGroupFormat format =
      *parquet_format(rows->schema(), parquet_sizes(2, {}, 1 << 20), arrow::Compression::SNAPPY,
                      arrow::default_memory_pool());
  const auto stream = std::make_shared<ParquetStream>(output);
  ParquetFooter footer("/tmp");
  File file;
  for (int i = 0; i < std::max(num_row_groups, 1); ++i) {
    const auto group = *RowGroup::open(format, stream, arrow::default_memory_pool());
    if (num_row_groups > 0) {
      EXPECT_TRUE(group->write(*rows));
    }
    file.ends.push_back(*group->close());
    const Result<std::string_view> index = footer.add(file.ends.back(), "memory");
    EXPECT_TRUE(index) << index.error().message;
    EXPECT_TRUE(output.append(*index));
  }
  EXPECT_EQ(footer.num_row_groups(), num_row_groups);
  EXPECT_EQ(footer.num_rows(), 2 * num_row_groups);
  EXPECT_TRUE(footer.write_to(output));
  file.bytes = state->bytes;
  return file;
}

TEST(ParquetFooter, OfManyWritersReadsAsThatOfOne) {
  // 14 and 15 lie on both sides of a list's short header; 1,000 row groups spill.
  for (const int num_row_groups : {0, 1, 2, 14, 15, 16, 1000}) {
    const File file = file_of(num_row_groups);
    const auto reader = parquet::ParquetFileReader::Open(
        std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(file.bytes)));
    const auto metadata = reader->metadata();
    ASSERT_EQ(metadata->num_row_groups(), num_row_groups);
    EXPECT_EQ(metadata->num_rows(), 2 * num_row_groups);
    EXPECT_EQ(metadata->num_columns(), 2);
    EXPECT_NE(metadata->key_value_metadata(), nullptr);
    std::int64_t end = 4;
    for (int i = 0; i < num_row_groups; ++i) {
      const auto group = metadata->RowGroup(i);
      EXPECT_EQ(group->num_rows(), 2);
      EXPECT_GE(group->ColumnChunk(0)->dictionary_page_offset(), end);
      end = group->file_offset() + group->total_compressed_size();
      EXPECT_TRUE(group->ColumnChunk(1)->GetOffsetIndexLocation().has_value());
    }
  }
}

TEST(ParquetFooter, RefusesWhatIsNotOneWhereverItWasCut) {
  const std::string end = file_of(1).ends[0];
  for (std::size_t length = 0; length < end.size(); ++length) {
    ParquetFooter footer("/tmp");
    EXPECT_FALSE(footer.add(end.substr(0, length), "memory"));
    const std::string_view tail = std::string_view(end).substr(end.size() - length);
    const bool has_whole_footer = [&] {
      ParquetFooter other("/tmp");
      const auto index = other.add(end, "memory");
      return index && length >= end.size() - index->size();
    }();
    EXPECT_EQ(footer.add(tail, "memory").has_value(), has_whole_footer) << length;
  }
}

TEST(ParquetFooter, SurvivesAnyBrokenByte) {
  const std::string end = file_of(1).ends[0];
  for (std::size_t i = 0; i < end.size(); ++i) {
    for (const int flip : {0x01, 0x10, 0x80, 0xFF}) {
      std::string broken = end;
      broken[i] = static_cast<char>(broken[i] ^ flip);
      ParquetFooter footer("/tmp");
      (void)footer.add(broken, "memory");  // an error or not, but never more than that
    }
  }
}

}  // namespace
}  // namespace polarway
