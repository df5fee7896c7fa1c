#include "formats/ipc/metadata.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include "formats/ipc/flat_table.h"

namespace polarway::ipc {
namespace {

// Places in the tables and values of the enums, as Schema.fbs, Message.fbs and File.fbs have them.
namespace message {
constexpr int kVersion = 0, kHeaderType = 1, kHeader = 2, kBodyLength = 3;
constexpr std::uint8_t kSchema = 1, kDictionaryBatch = 2, kRecordBatch = 3;
}  // namespace message
namespace record_batch {
constexpr int kLength = 0, kNodes = 1, kBuffers = 2, kCompression = 3, kViewBuffers = 4;
constexpr std::int64_t kNodeBytes = 16, kBufferBytes = 16;
}  // namespace record_batch
namespace dictionary_batch {
constexpr int kId = 0, kData = 1, kIsDelta = 2;
}  // namespace dictionary_batch
namespace body_compression {
constexpr int kCodec = 0, kMethod = 1;
constexpr std::int8_t kLz4 = 0, kZstd = 1, kByBuffer = 0;
}  // namespace body_compression
namespace footer_table {
constexpr int kVersion = 0, kSchema = 1, kDictionaries = 2, kRecordBatches = 3;
constexpr std::int64_t kBlockBytes = 24;
}  // namespace footer_table

constexpr std::int16_t kVersion4 = 3, kVersion5 = 4;

tl::unexpected<SourceError> wrong(std::string message) {
  return fail({.kind = ErrorKind::Parse,
               .message = std::move(message),
               .hint = "it was not written or copied whole: get it again"});
}

tl::unexpected<SourceError> unsupported(std::string message) {
  return fail({.kind = ErrorKind::UnsupportedOperation,
               .message = std::move(message),
               .hint = "write it anew, with a current version of Arrow"});
}

Result<std::int16_t> read_version(const FlatTable& table, int field) {
  POLARWAY_TRY(const std::int16_t version, table.number<std::int16_t>(field, 0));
  if (version == kVersion4 || version == kVersion5) return version;
  return unsupported(fmt::format("this is version {} of Arrow's format, and 4 and 5 are read",
                                 static_cast<int>(version) + 1));
}

Result<BodyCodec> read_codec(const FlatTable& batch) {
  POLARWAY_TRY(const auto compression, batch.table(record_batch::kCompression));
  if (!compression) return BodyCodec::None;
  POLARWAY_TRY(const auto codec, compression->number<std::int8_t>(body_compression::kCodec, 0));
  POLARWAY_TRY(const auto method, compression->number<std::int8_t>(body_compression::kMethod, 0));
  if (method == body_compression::kByBuffer && codec == body_compression::kLz4) {
    return BodyCodec::Lz4;
  }
  if (method == body_compression::kByBuffer && codec == body_compression::kZstd) {
    return BodyCodec::Zstd;
  }
  return unsupported("it is compressed in a way that is not known");
}

// Rows of nothing but nulls take no bytes, so that a few could stand for a stream without end. Of
// more rows than other readers count, each has a bit at least, or what its codec makes one of.
Result<void> check_rows(const BatchMetadata& batch, std::int64_t body_bytes) {
  constexpr std::int64_t kMostWithoutBytes = INT32_MAX;
  constexpr std::int64_t kMostExpansion = 32 << 10;
  const std::int64_t rows_of_byte = batch.codec == BodyCodec::None ? 8 : 8 * kMostExpansion;
  if (batch.num_rows <= kMostWithoutBytes || batch.num_rows / rows_of_byte <= body_bytes) return {};
  return wrong(fmt::format("it says that it has {} rows, in {} bytes", batch.num_rows, body_bytes));
}

Result<BatchMetadata> read_batch(const FlatTable& table, std::int64_t body_bytes) {
  BatchMetadata batch;
  POLARWAY_TRY(batch.num_rows, table.number<std::int64_t>(record_batch::kLength, 0));
  if (batch.num_rows < 0) return wrong("it says that it has less than no rows");
  POLARWAY_TRY(const auto nodes, table.structs(record_batch::kNodes, record_batch::kNodeBytes));
  batch.nodes.reserve(static_cast<std::size_t>(nodes.count));
  for (std::int64_t i = 0; i < nodes.count; ++i) {
    const FieldNode node{nodes.at<std::int64_t>(i, record_batch::kNodeBytes, 0),
                         nodes.at<std::int64_t>(i, record_batch::kNodeBytes, 8)};
    if (node.length < 0 || node.null_count < 0 || node.null_count > node.length) {
      return wrong("it says that it has less than no values, or more nulls than values");
    }
    batch.nodes.push_back(node);
  }
  POLARWAY_TRY(const auto buffers,
               table.structs(record_batch::kBuffers, record_batch::kBufferBytes));
  batch.buffers.reserve(static_cast<std::size_t>(buffers.count));
  for (std::int64_t i = 0; i < buffers.count; ++i) {
    const BufferPlace place{buffers.at<std::int64_t>(i, record_batch::kBufferBytes, 0),
                            buffers.at<std::int64_t>(i, record_batch::kBufferBytes, 8)};
    if (place.offset < 0 || place.length < 0 || place.offset > body_bytes ||
        place.length > body_bytes - place.offset) {
      return wrong(
          fmt::format("buffer {} lies outside of the {} bytes of the body", i, body_bytes));
    }
    batch.buffers.push_back(place);
  }
  POLARWAY_TRY(batch.codec, read_codec(table));
  POLARWAY_CHECK(check_rows(batch, body_bytes));
  POLARWAY_TRY(const auto views, table.structs(record_batch::kViewBuffers, sizeof(std::int64_t)));
  for (std::int64_t i = 0; i < views.count; ++i) {
    const auto count = views.at<std::int64_t>(i, sizeof(std::int64_t), 0);
    if (count < 0 || count > buffers.count)
      return wrong("a column has more buffers than there are");
    batch.view_buffers.push_back(count);
  }
  return batch;
}

Result<std::vector<std::int64_t>> read_blocks(const FlatTable& footer, int field) {
  POLARWAY_TRY(const auto blocks, footer.structs(field, footer_table::kBlockBytes));
  std::vector<std::int64_t> offsets;
  offsets.reserve(static_cast<std::size_t>(blocks.count));
  for (std::int64_t i = 0; i < blocks.count; ++i) {
    offsets.push_back(blocks.at<std::int64_t>(i, footer_table::kBlockBytes, 0));
    if (offsets.back() < 0) return wrong("the footer names places before the file");
  }
  return offsets;
}

// A message whose header is the schema of a footer: its table in front of the footer's bytes, where
// the schema stays. (Arrow's reader of schemas takes only messages, and not all who write files
// begin them with one.)
std::vector<std::uint8_t> message_of_schema(std::span<const std::uint8_t> footer,
                                            std::size_t schema_place) {
  struct [[gnu::packed]] Prefix {
    std::uint32_t root;
    std::uint16_t vtable_bytes, table_bytes, at_version, at_type, at_header, padding;
    std::int32_t to_vtable;
    std::uint32_t header;
    std::int16_t version;
    std::uint8_t type;
    std::uint8_t more_padding[5];
  };
  static_assert(sizeof(Prefix) == 32);  // a multiple of 8: what follows stays aligned
  constexpr std::size_t kTable = offsetof(Prefix, to_vtable);
  const Prefix prefix{.root = kTable,
                      .vtable_bytes = 10,
                      .table_bytes = sizeof(Prefix) - kTable,
                      .at_version = offsetof(Prefix, version) - kTable,
                      .at_type = offsetof(Prefix, type) - kTable,
                      .at_header = offsetof(Prefix, header) - kTable,
                      .padding = 0,
                      .to_vtable = kTable - offsetof(Prefix, vtable_bytes),
                      .header = static_cast<std::uint32_t>(sizeof(Prefix) + schema_place -
                                                           offsetof(Prefix, header)),
                      .version = kVersion5,
                      .type = message::kSchema,
                      .more_padding = {}};
  std::vector<std::uint8_t> bytes(sizeof(Prefix) + footer.size());
  std::memcpy(bytes.data(), &prefix, sizeof(Prefix));
  std::memcpy(bytes.data() + sizeof(Prefix), footer.data(), footer.size());
  return bytes;
}

}  // namespace

Result<MessageMetadata> parse_message(std::span<const std::uint8_t> metadata) {
  POLARWAY_TRY(const FlatTable table, FlatTable::root(metadata));
  MessageMetadata parsed;
  POLARWAY_TRY(const std::int16_t version, read_version(table, message::kVersion));
  parsed.has_union_bitmaps = version < kVersion5;
  POLARWAY_TRY(parsed.body_bytes, table.number<std::int64_t>(message::kBodyLength, 0));
  if (parsed.body_bytes < 0) return wrong("it says that it has less than no bytes");
  POLARWAY_TRY(const auto type, table.number<std::uint8_t>(message::kHeaderType, 0));
  POLARWAY_TRY(const auto header, table.table(message::kHeader));
  if (!header) return wrong("a message has no header");
  if (type == message::kSchema) parsed.kind = MessageMetadata::Kind::Schema;
  if (type == message::kRecordBatch) {
    parsed.kind = MessageMetadata::Kind::RecordBatch;
    POLARWAY_TRY(parsed.batch, read_batch(*header, parsed.body_bytes));
  }
  if (type == message::kDictionaryBatch) {
    parsed.kind = MessageMetadata::Kind::Dictionary;
    POLARWAY_TRY(parsed.dictionary_id, header->number<std::int64_t>(dictionary_batch::kId, 0));
    POLARWAY_TRY(const auto delta, header->number<std::uint8_t>(dictionary_batch::kIsDelta, 0));
    parsed.is_delta = delta != 0;
    POLARWAY_TRY(const auto data, header->table(dictionary_batch::kData));
    if (!data) return wrong("a dictionary has no values");
    POLARWAY_TRY(parsed.batch, read_batch(*data, parsed.body_bytes));
  }
  return parsed;
}

Result<Footer> parse_footer(std::span<const std::uint8_t> footer) {
  POLARWAY_TRY(const FlatTable table, FlatTable::root(footer));
  // Old writers left the version out here; messages have their own.
  POLARWAY_TRY(const auto version, table.number<std::int16_t>(footer_table::kVersion, 0));
  if (version > kVersion5) POLARWAY_CHECK(read_version(table, footer_table::kVersion));
  POLARWAY_TRY(const auto schema, table.table(footer_table::kSchema));
  if (!schema) return wrong("the footer has no schema");
  Footer parsed;
  parsed.schema_message = message_of_schema(footer, schema->place());
  POLARWAY_TRY(parsed.dictionaries, read_blocks(table, footer_table::kDictionaries));
  POLARWAY_TRY(parsed.batches, read_blocks(table, footer_table::kRecordBatches));
  return parsed;
}

}  // namespace polarway::ipc
