#include "sinks/parquet_layout.h"

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/schema.h>

#include <algorithm>
#include <bit>

#include "core/arrow_status.h"

namespace polarway {
namespace {

constexpr std::int64_t kKiB = 1 << 10;
constexpr std::int64_t kMiB = 1 << 20;
constexpr std::int64_t kMaxPageBytes =
    128 * kKiB;  // with its compressed copy, stays in a core's cache
constexpr std::int64_t kMaxDictionaryBytes = 128 * kKiB;

// How often Arrow looks at the sizes of page and dictionary, and how much it does at a time.
std::int64_t write_batch_rows(std::int64_t page_bytes) {
  return std::clamp<std::int64_t>(page_bytes / 64, 256, 1024);
}

std::int64_t power_below(std::int64_t bytes) {
  return static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(bytes)));
}

// Arrow's tables begin with 1,024 entries of up to 24 bytes and grow fourfold when half full.
struct DictionarySize {
  std::int64_t bytes = 0;  // 0: none
  std::int64_t table_bytes = 0;
};

// The dictionary whose hash table fits `table_bytes`: values have at least 4 bytes, and the size is
// only looked at once a write batch.
DictionarySize largest_dictionary(std::int64_t table_bytes, std::int64_t batch_rows) {
  DictionarySize size;
  for (std::int64_t entries = 4096; entries * 24 <= table_bytes; entries *= 4) {
    const std::int64_t bytes = (entries / 2 - batch_rows) * 4;
    size = {.bytes = std::min(bytes, kMaxDictionaryBytes), .table_bytes = entries * 24};
    if (bytes >= kMaxDictionaryBytes) break;
  }
  return size;
}

int leaves_of(const arrow::DataType& type) {
  int leaves = type.num_fields() == 0 ? 1 : 0;
  for (const auto& child : type.fields()) leaves += leaves_of(*child->type());
  return leaves;
}

// FileWriter::Open() does the same, but cannot be told which contents to use. The key is Arrow's.
Result<std::shared_ptr<const arrow::KeyValueMetadata>> file_metadata(const arrow::Schema& schema,
                                                                     arrow::MemoryPool* pool) {
  POLARWAY_TRY(const std::shared_ptr<arrow::Buffer> bytes,
               from_arrow(arrow::ipc::SerializeSchema(schema, pool)));
  auto metadata =
      schema.metadata() ? schema.metadata()->Copy() : std::make_shared<arrow::KeyValueMetadata>();
  metadata->Append("ARROW:schema", arrow::util::base64_encode(std::string_view(*bytes)));
  return metadata;
}

}  // namespace

const OptionTable<ParquetSinkOptions>& parquet_sink_options() {
  static const OptionTable<ParquetSinkOptions> table = [] {
    using Codec = arrow::Compression;
    OptionTable<ParquetSinkOptions> made;
    made.add_choice("compression", &ParquetSinkOptions::compression, "How pages are compressed.",
                    {{"snappy", Codec::SNAPPY},
                     {"zstd", Codec::ZSTD},
                     {"gzip", Codec::GZIP},
                     {"lz4", Codec::LZ4},
                     {"none", Codec::UNCOMPRESSED},
                     {"uncompressed", Codec::UNCOMPRESSED}},
                    {"codec"})
        .add("row_group_bytes", &ParquetSinkOptions::row_group_bytes,
             "Bytes of a row group in the file; none: a twelfth of the memory left, 1 to 64 MiB.",
             {"row_group_size_bytes"});
    return made;
  }();
  return table;
}

Result<ParquetSinkOptions> parse_parquet_sink_options(
    const std::map<std::string, std::string>& given) {
  POLARWAY_TRY(const ParquetSinkOptions options, parquet_sink_options().parse(given));
  if (options.row_group_bytes && options.row_group_bytes->value < kMiB) {
    return fail(about_option("row_group_bytes", {.kind = ErrorKind::Config,
                                                 .where = {},
                                                 .message = "less than 1 MiB",
                                                 .hint = "readers want row groups of several MiB",
                                                 .memory = {}}));
  }
  return options;
}

ParquetSizes parquet_sizes(int num_columns, const ParquetSinkOptions& options,
                           std::int64_t available_bytes) {
  ParquetSizes sizes;
  sizes.row_group_bytes = options.row_group_bytes
                              ? options.row_group_bytes->value
                              : std::clamp(available_bytes / 12, kMiB, 64 * kMiB);
  const std::int64_t share = sizes.row_group_bytes / std::max(num_columns, 1);
  sizes.page_bytes = std::clamp(power_below(share / 8), 4 * kKiB, kMaxPageBytes);
  const DictionarySize dictionary =
      largest_dictionary(2 * share, write_batch_rows(sizes.page_bytes));
  sizes.dictionary_bytes = dictionary.bytes;
  sizes.piece_bytes = std::clamp(sizes.row_group_bytes / 16, 64 * kKiB, kMiB);

  // Measured, with pools that count, for 1 to 1,000 columns of mixed and of the worst types, row
  // groups of 1 to 64 MiB, every codec. Finished pages stand in streams that double (2.0 times the
  // row group at worst, 1.4 to 1.8 usually). Each column has a page being filled, the same
  // compressed, its levels (up to 2 pages and 4 KiB), 10 KiB of small objects, and it may have a
  // dictionary: values and their offsets, and the hash table, which is moved when it grows.
  std::int64_t column_bytes = 2 * sizes.page_bytes + 14 * kKiB;
  if (sizes.dictionary_bytes > 0) {
    column_bytes += 2 * sizes.dictionary_bytes + dictionary.table_bytes * 5 / 4;
  }
  if (options.compression == arrow::Compression::GZIP) column_bytes += 270 * kKiB;  // zlib's state
  sizes.lease_bytes = 2 * sizes.row_group_bytes + num_columns * column_bytes;
  return sizes;
}

std::shared_ptr<parquet::WriterProperties> parquet_properties(
    const ParquetSizes& sizes, arrow::Compression::type compression,
    const std::vector<std::string>& without_dictionary, arrow::MemoryPool* pool) {
  parquet::WriterProperties::Builder properties;
  properties.memory_pool(pool)
      ->compression(compression)
      ->data_pagesize(sizes.page_bytes)
      ->dictionary_pagesize_limit(sizes.dictionary_bytes)
      ->write_batch_size(write_batch_rows(sizes.page_bytes))
      ->max_row_group_length(INT64_MAX)
      ->max_statistics_size(1 << 10)
      ->enable_page_checksum();
  if (sizes.dictionary_bytes == 0) properties.disable_dictionary();
  for (const std::string& column : without_dictionary) properties.disable_dictionary(column);
  // Arrow's own default, 9, takes ten times as long as 6 for a hundredth less.
  if (compression == arrow::Compression::GZIP) properties.compression_level(6);
  return properties.build();
}

Result<RowGroupFormat> parquet_format(const std::shared_ptr<arrow::Schema>& schema,
                                      const ParquetSizes& sizes,
                                      arrow::Compression::type compression, arrow::MemoryPool* pool,
                                      EncodeCrew* crew) {
  RowGroupFormat format;
  format.schema = schema;
  format.properties = parquet_properties(sizes, compression, {}, pool);
  parquet::ArrowWriterProperties::Builder arrow_properties;
  arrow_properties.store_schema();
  if (crew != nullptr) arrow_properties.set_use_threads(true)->set_executor(crew);
  format.arrow_properties = arrow_properties.build();
  for (const auto& field : schema->fields()) {
    const arrow::Schema alone({field});
    if (const arrow::Status status = parquet::arrow::ToParquetSchema(
            &alone, *format.properties, *format.arrow_properties, &format.parquet_schema);
        !status.ok()) {
      return fail({.kind = ErrorKind::Config,
                   .where = {.location = {}, .row = {}, .byte_offset = {}, .column = field->name()},
                   .message = fmt::format("Parquet cannot hold {}: {}", field->type()->ToString(),
                                          status.message()),
                   .hint = "leave the column out",
                   .memory = {}});
    }
  }
  POLARWAY_CHECK(from_arrow(parquet::arrow::ToParquetSchema(
      schema.get(), *format.properties, *format.arrow_properties, &format.parquet_schema)));
  POLARWAY_TRY(format.metadata, file_metadata(*schema, pool));
  return format;
}

int num_leaves(const arrow::Schema& schema) {
  int leaves = 0;
  for (const auto& field : schema.fields()) leaves += leaves_of(*field->type());
  return leaves;
}

}  // namespace polarway
