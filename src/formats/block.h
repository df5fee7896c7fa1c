#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "core/byte_stream.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway {

/// The piece of a byte stream being looked at: contiguous, padded at both ends with kPadding
/// readable bytes, refilled behind what was consumed.
///
/// Who keeps memory() keeps its bytes as they are: the next fill() moves on to spare memory then,
/// so that text can still be worked on while what follows it is read.
///
/// Threads: one at a time; the bytes of memory() that somebody keeps may be read by others.
class Block {
 public:
  static constexpr std::int64_t kPadding = 64;

  /// A block of `capacity` bytes from `pool`, whose working set the caller has reserved; growing
  /// beyond that is paid from `budget`.
  static Result<std::unique_ptr<Block>> make(ByteStream& bytes, std::int64_t capacity,
                                             std::shared_ptr<MemoryBudget> budget);

  /// Memory for `count` more pieces of `capacity` bytes; the caller has paid for memory_bytes()
  /// each.
  Result<void> add_spares(std::int64_t count, std::int64_t capacity);
  /// Gives back all memory but that of text(). Nobody must keep any other.
  void drop_spares();
  /// What the memory of one piece takes.
  static std::int64_t memory_bytes(std::int64_t capacity) { return capacity + 2 * kPadding; }

  /// What is left to look at.
  std::span<const std::uint8_t> text() const;
  /// Where text() begins in the stream.
  std::int64_t offset() const { return offset_; }
  /// True when nothing follows text().
  bool at_end() const { return at_end_; }
  /// Whether fill() would have to grow.
  bool is_full() const { return end_ - begin_ == piece_.capacity; }
  /// Where text() is, to be kept.
  std::shared_ptr<arrow::Buffer> memory() const;
  /// Whether fill() has somewhere to go: memory() is not kept, or some spare is not.
  bool can_fill() const;

  /// Drops the first `num_bytes` of text().
  void consume(std::int64_t num_bytes);
  /// Appends more of the stream behind text(), as much as there is room for unless the stream
  /// pauses; doubles the block first when it is full. After an error nothing is lost. MemoryLimit
  /// when there is no room to grow, which says how much.
  Result<void> fill(std::stop_token stop);
  /// Goes on at another position of the stream; drops text().
  Result<void> seek(std::int64_t offset);

 private:
  struct Piece {
    MemoryLease growth;  // pays for what the piece has grown by
    std::shared_ptr<arrow::ResizableBuffer> memory;
    std::int64_t capacity = 0;
  };

  Block(ByteStream& bytes, std::shared_ptr<MemoryBudget> budget, Piece piece);
  static Result<Piece> allocate(std::int64_t capacity, const MemoryBudget& budget);
  Result<void> grow();
  std::vector<Piece>::const_iterator free_spare() const;
  void make_room();
  std::uint8_t* base() const;

  ByteStream& bytes_;
  std::shared_ptr<MemoryBudget> budget_;
  Piece piece_;
  std::vector<Piece> spares_;
  std::int64_t begin_ = 0;  // of text(), within the block
  std::int64_t end_ = 0;
  std::int64_t offset_ = 0;  // of begin_, in the stream
  bool at_end_ = false;
};

}  // namespace polarway
