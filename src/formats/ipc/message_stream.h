#pragma once

#include <arrow/type_fwd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "core/byte_stream.h"
#include "formats/ipc/metadata.h"
#include "polarway/memory.h"

namespace polarway::ipc {

/// The messages of an Arrow stream or file, one behind the other: metadata, then a body.
///
/// Threads: one caller at a time.
class MessageStream {
 public:
  MessageStream(std::unique_ptr<ByteStream> bytes, std::shared_ptr<MemoryBudget> budget);

  /// The metadata of the message that begins here; the body follows. Empty at the end, which is a
  /// mark or just no more bytes. Metadata are paid for before they are read; MemoryLimit when they
  /// do not fit. Parse when there is something else, or less than there should be.
  Result<std::optional<MessageMetadata>> next();
  /// The metadata that next() read, as they stand.
  const std::shared_ptr<arrow::ResizableBuffer>& raw_metadata() const { return metadata_; }

  /// Looks at the very first bytes, before anything else is done; how many there are.
  Result<std::int64_t> peek(std::span<std::uint8_t, 8> into);
  /// Fills `into`; Parse when the bytes end before.
  Result<void> read(std::span<std::uint8_t> into);
  /// Reads as much as there is; how much.
  Result<std::int64_t> read_some(std::span<std::uint8_t> into);
  /// Goes to a place: forward, or with random access anywhere. Parse for one behind the end.
  Result<void> go_to(std::int64_t offset);
  /// Where the next byte is.
  std::int64_t offset() const { return offset_; }
  /// Ends waits from now on.
  void set_stop(std::stop_token stop) { stop_ = std::move(stop); }

  const ByteStream& bytes() const { return *bytes_; }
  ByteStream& bytes() { return *bytes_; }
  /// Of the whole, where all of it can be reached.
  std::optional<std::int64_t> size() const;

 private:
  tl::unexpected<SourceError> wrong(std::string message) const;

  std::unique_ptr<ByteStream> bytes_;
  std::shared_ptr<MemoryBudget> budget_;
  std::stop_token stop_;
  std::array<std::uint8_t, 8> peeked_{};
  std::int64_t num_peeked_ = 0;
  std::int64_t offset_ = 0;
  MemoryLease lease_;  // of the metadata
  std::shared_ptr<arrow::ResizableBuffer> metadata_;
};

}  // namespace polarway::ipc
