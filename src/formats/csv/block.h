#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>

#include "core/byte_stream.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::csv {

/// The piece of a byte stream being looked at: contiguous, padded at both ends with kPadding
/// readable bytes, refilled behind what was consumed.
class Block {
 public:
  static constexpr std::int64_t kPadding = 64;

  /// A block of `capacity` bytes from `pool`, whose working set the caller has reserved; growing
  /// beyond that is paid from `budget`.
  static Result<std::unique_ptr<Block>> make(ByteStream& bytes, std::int64_t capacity,
                                             std::shared_ptr<MemoryBudget> budget);

  /// What is left to look at.
  std::span<const std::uint8_t> text() const;
  /// Where text() begins in the stream.
  std::int64_t offset() const { return offset_; }
  /// True when nothing follows text().
  bool at_end() const { return at_end_; }

  /// Drops the first `num_bytes` of text().
  void consume(std::int64_t num_bytes);
  /// Appends more of the stream behind text(); doubles the block first when it is full. After an
  /// error nothing is lost. MemoryLimit when there is no room to grow, which says how much.
  Result<void> fill(std::stop_token stop);
  /// Goes on at another position of the stream; drops text().
  Result<void> seek(std::int64_t offset);

 private:
  Block(ByteStream& bytes, std::shared_ptr<MemoryBudget> budget,
        std::shared_ptr<arrow::ResizableBuffer> memory, std::int64_t capacity);
  Result<void> grow();
  std::uint8_t* base() const;

  ByteStream& bytes_;
  std::shared_ptr<MemoryBudget> budget_;
  MemoryLease growth_;  // pays for what the block has grown by
  std::shared_ptr<arrow::ResizableBuffer> memory_;
  std::int64_t capacity_;
  std::int64_t begin_ = 0;  // of text(), within the block
  std::int64_t end_ = 0;
  std::int64_t offset_ = 0;  // of begin_, in the stream
  bool at_end_ = false;
};

}  // namespace polarway::csv
