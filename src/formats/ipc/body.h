#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/file_map.h"
#include "formats/ipc/message_stream.h"
#include "formats/ipc/metadata.h"
#include "polarway/memory.h"

namespace polarway::ipc {

/// The buffers of one record batch, decompressed, wherever they are. Numbers of buffers and ranges
/// of bytes are right already: whoever asks has checked them against size().
class Body {
 public:
  virtual ~Body() = default;

  /// Bytes of a buffer.
  virtual std::int64_t size(std::size_t buffer) const = 0;
  /// Copies from a buffer.
  virtual Result<void> copy(std::size_t buffer, std::int64_t offset,
                            std::span<std::uint8_t> into) = 0;
  /// The bytes themselves, where they are in memory and may stay as they are and as long as they
  /// like; else null. The address is a multiple of `alignment`.
  virtual std::shared_ptr<arrow::Buffer> share(std::size_t buffer, std::int64_t offset,
                                               std::int64_t length, std::int64_t alignment) = 0;
  /// Whether share() gives what costs no memory of the process.
  virtual bool shares_file() const { return false; }
};

/// What stands in a file, read piece by piece. `stream` outlives it.
std::unique_ptr<Body> body_in_file(MessageStream& stream, std::int64_t body_offset,
                                   const std::vector<BufferPlace>& places);

/// What stands in a mapped file.
std::unique_ptr<Body> body_in_map(std::shared_ptr<FileMap> map, std::int64_t body_offset,
                                  const std::vector<BufferPlace>& places);

/// Buffers that are read whole, and decompressed, because they cannot be had in pieces. Only those
/// that are `wanted`; the stream stands behind the body then. `budget` pays before anything is
/// allocated: what a buffer says of its size is believed only so far as its codec could do it.
///
/// MemoryLimit when there is no room for them, Parse when they are damaged.
Result<std::unique_ptr<Body>> load_body(MessageStream& stream, const MessageMetadata& message,
                                        const std::vector<bool>& wanted,
                                        const std::shared_ptr<MemoryBudget>& budget);

}  // namespace polarway::ipc
