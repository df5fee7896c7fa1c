#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "polarway/result.h"

namespace polarway::ipc {

/// How many values an array of a record batch has; arrays are counted depth first.
struct FieldNode {
  std::int64_t length = 0;
  std::int64_t null_count = 0;
};

/// Where a buffer is in the body of its message, as stored.
struct BufferPlace {
  std::int64_t offset = 0;
  std::int64_t length = 0;
};

/// How each buffer of a body is compressed, behind eight bytes that say its size.
enum class BodyCodec : std::uint8_t { None, Lz4, Zstd };

/// What the metadata say of a record batch.
struct BatchMetadata {
  std::int64_t num_rows = 0;
  std::vector<FieldNode> nodes;
  std::vector<BufferPlace> buffers;
  BodyCodec codec = BodyCodec::None;
  /// Of each array of views, how many buffers of text it has besides the two that all have.
  std::vector<std::int64_t> view_buffers;
};

/// One message of a stream: what comes before its body.
struct MessageMetadata {
  enum class Kind : std::uint8_t { Schema, Dictionary, RecordBatch, Other };
  Kind kind = Kind::Other;
  bool has_union_bitmaps = false;  ///< As all before version 5.
  std::int64_t body_bytes = 0;
  BatchMetadata batch;             ///< Of a record batch, and of the values of a dictionary.
  std::int64_t dictionary_id = 0;  ///< Of a dictionary,
  bool is_delta = false;           ///< and whether it goes on with the one before.
};

/// What a file has in it, and where.
struct Footer {
  std::vector<std::uint8_t> schema_message;  ///< Metadata, as a stream would begin with.
  std::vector<std::int64_t> dictionaries;
  std::vector<std::int64_t> batches;
};

/// Reads the metadata of one message: Message.fbs of Arrow's format. No number in the result is
/// negative, and every buffer lies within the body; whether they fit a schema is not known here.
///
/// Parse for bytes that are no such metadata, UnsupportedOperation for versions before 0.8 and
/// after what is known, and for codecs that are not.
Result<MessageMetadata> parse_message(std::span<const std::uint8_t> metadata);

/// Reads what stands at the end of a file: File.fbs. Errors as parse_message().
Result<Footer> parse_footer(std::span<const std::uint8_t> footer);

}  // namespace polarway::ipc
