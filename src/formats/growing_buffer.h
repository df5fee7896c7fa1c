#pragma once

#include <arrow/buffer.h>
#include <arrow/memory_pool.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "core/arrow_status.h"
#include "core/counting_pool.h"
#include "polarway/result.h"

namespace polarway {

/// A buffer that a column writes into by pointer. It remembers how large it grew, so that the next
/// chunk's is made that large at once, out of the pool's kept blocks.
class GrowingBuffer {
 public:
  explicit GrowingBuffer(arrow::MemoryPool* pool) : pool_(pool) {}

  /// Room for `bytes` in all. A small one doubles; a large one grows by a quarter at least, as the
  /// pool remaps large blocks, so that it costs no copy.
  Result<void> ensure(std::int64_t bytes) {
    if (lent_ != nullptr) {
      if (bytes <= lent_bytes_) return {};
      return fail({.kind = ErrorKind::MemoryLimit, .message = "more than there was room made for"});
    }
    if (buffer_ && bytes <= buffer_->capacity()) return {};
    return reserve(capacity_for(bytes));
  }
  /// Room for `bytes` in all, where the chunk will not need more.
  Result<void> ensure_all(std::int64_t bytes) { return reserve(bytes); }
  /// The room there is, and the room there would be after ensure().
  std::int64_t capacity() const { return buffer_ ? buffer_->capacity() : 0; }
  std::int64_t capacity_for(std::int64_t bytes) const {
    if (bytes <= capacity()) return capacity();
    if (buffer_) return std::max(bytes, capacity() + step_beyond(capacity()));
    return std::max(bytes, next_capacity_);
  }
  /// The most room that a buffer of `bytes` has, as it grows.
  static std::int64_t most_capacity_for(std::int64_t bytes) { return bytes + step_beyond(bytes); }
  /// The next chunk is not expected to be as large as the last.
  void forget_size() { next_capacity_ = 0; }

  template <class T>
  T* data() const {
    return reinterpret_cast<T*>(lent_ != nullptr ? lent_ : buffer_->mutable_data());
  }

  /// Writes go into another buffer from now on, behind its first `from` bytes, and no further than
  /// it has room.
  void borrow(const GrowingBuffer& lender, std::int64_t from) {
    lent_ = lender.buffer_->mutable_data() + from;
    lent_bytes_ = lender.buffer_->capacity() - from;
  }
  /// Whether there is room for `bytes` in all.
  bool has_room(std::int64_t bytes) const { return buffer_ && bytes <= buffer_->capacity(); }

  /// The buffer with its final size; this one is empty then. Room that it did not need goes back,
  /// as whoever holds the buffer pays for it, but not the little that chunks differ by: blocks that
  /// stay as they are cost nothing.
  Result<std::shared_ptr<arrow::Buffer>> finish(std::int64_t bytes) {
    constexpr std::int64_t kPage = 4 << 10;
    const std::int64_t capacity = buffer_->capacity();
    const bool fits_well = capacity - bytes <= std::max(kPage, bytes / 24);
    next_capacity_ = fits_well && capacity > bytes ? capacity : bytes + bytes / 48;
    // Arrow shrinks no buffer below a size that it does not have yet.
    POLARWAY_CHECK(from_arrow(buffer_->Resize(capacity)));
    // A small one is copied for that. Where there is no memory, it stays as it is: its rows are
    // taken, and must not be lost.
    const bool is_shrunk = !fits_well && buffer_->Resize(bytes, true).ok();
    if (!is_shrunk) POLARWAY_CHECK(from_arrow(buffer_->Resize(bytes, false)));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer_));
  }

  void reset() { buffer_.reset(); }

 private:
  static std::int64_t step_beyond(std::int64_t capacity) {
    return capacity < CountingPool::kLargeBlock ? capacity : capacity / 4;
  }
  Result<void> reserve(std::int64_t bytes) {
    if (!buffer_) {
      POLARWAY_TRY(buffer_, from_arrow(arrow::AllocateResizableBuffer(0, pool_)));
    }
    return from_arrow(buffer_->Reserve(bytes));
  }

  arrow::MemoryPool* pool_;
  std::unique_ptr<arrow::ResizableBuffer> buffer_;
  std::int64_t next_capacity_ = 0;  // that the next chunk begins with
  std::uint8_t* lent_ = nullptr;    // another's
  std::int64_t lent_bytes_ = 0;
};

/// Writes bits one after the other, from any position on, into whole words.
class BitWriter {
 public:
  BitWriter(std::uint64_t* words, std::int64_t position) : words_(words), position_(position) {
    if (const std::int64_t used = position & 63) {
      word_ = words[position >> 6] & ((std::uint64_t{1} << used) - 1);
    }
  }
  void push(bool bit) {
    word_ |= std::uint64_t{bit} << (position_ & 63);
    if ((++position_ & 63) == 0) {
      words_[(position_ >> 6) - 1] = word_;
      word_ = 0;
    }
  }
  /// Writes the last, unfinished word; the writer is done then.
  void finish() {
    if (position_ & 63) words_[position_ >> 6] = word_;
  }
  /// Bytes that a bitmap of `bits` bits takes as whole words.
  static std::int64_t bytes_for(std::int64_t bits) { return (bits + 63) / 64 * 8; }

 private:
  std::uint64_t* words_;
  std::int64_t position_;
  std::uint64_t word_ = 0;
};

}  // namespace polarway
