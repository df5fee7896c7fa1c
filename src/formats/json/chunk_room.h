#pragma once

#include <cstdint>

#include "core/counting_pool.h"
#include "formats/growing_buffer.h"

namespace polarway::json {

/// What the buffers of a chunk may take together, asked before each of them grows. Once there was
/// too little, nothing more is written; what was asked for is still counted by who asks, so that a
/// record too large for any chunk knows what it needs.
class ChunkRoom {
 public:
  explicit ChunkRoom(arrow::MemoryPool* pool) : pool_(pool) {}

  void start(std::int64_t max_bytes) {
    left_bytes_ = max_bytes;
    is_over_ = false;
  }
  /// Whether there was too little since start(), or the last retry().
  bool is_over() const { return is_over_; }
  /// More cannot be had for some other reason: offsets are at their end.
  void set_over() { is_over_ = true; }
  /// The rows that there was too little for are gone.
  void retry() { is_over_ = false; }

  /// Pays for growing the buffer to `bytes`, and grows it. False: there is too little.
  bool grow(GrowingBuffer& buffer, std::int64_t bytes) {
    if (is_over_) return false;
    const std::int64_t cost =
        CountingPool::block_size(buffer.capacity_for(bytes)) -
        (buffer.capacity() > 0 ? CountingPool::block_size(buffer.capacity()) : 0);
    if (cost > left_bytes_ || !buffer.ensure(bytes)) {
      is_over_ = true;
      return false;
    }
    left_bytes_ -= cost;
    return true;
  }
  /// What `bytes` would take in a buffer of their own, as it grows.
  static std::int64_t cost_of(std::int64_t bytes) {
    return bytes == 0 ? 0 : CountingPool::block_size(GrowingBuffer::most_capacity_for(bytes) + 64);
  }

  arrow::MemoryPool* pool() const { return pool_; }

 private:
  arrow::MemoryPool* pool_;
  std::int64_t left_bytes_ = 0;
  bool is_over_ = false;
};

/// A buffer of a chunk.
class ChunkBuffer {
 public:
  explicit ChunkBuffer(ChunkRoom& room) : room_(&room), buffer_(room.pool()) {}

  /// Whether there is room for `bytes` in all.
  bool reserve(std::int64_t bytes) {
    if (bytes <= capacity_) [[likely]]
      return true;
    return grow(bytes);
  }
  /// Null where nothing was reserved.
  template <class T>
  T* data() const {
    return reinterpret_cast<T*>(data_);
  }
  std::int64_t capacity() const { return capacity_; }
  /// The buffer; this one is empty then. An empty one has no bytes, but is there.
  Result<std::shared_ptr<arrow::Buffer>> finish(std::int64_t bytes) {
    if (capacity_ == 0) POLARWAY_CHECK(buffer_.ensure(std::max<std::int64_t>(bytes, 1)));
    capacity_ = 0;
    data_ = nullptr;
    return buffer_.finish(bytes);
  }
  void reset() {
    buffer_.reset();
    capacity_ = 0;
    data_ = nullptr;
  }
  /// Gives the memory back, and does not expect the next chunk to be as large as the last.
  void forget_size() {
    reset();
    buffer_.forget_size();
  }

 private:
  [[gnu::noinline]] bool grow(std::int64_t bytes) {
    if (!room_->grow(buffer_, bytes)) return false;
    capacity_ = buffer_.capacity();
    data_ = buffer_.data<std::uint8_t>();
    return true;
  }

  ChunkRoom* room_;
  GrowingBuffer buffer_;
  std::int64_t capacity_ = 0;
  std::uint8_t* data_ = nullptr;  // of the buffer, at hand
};

}  // namespace polarway::json
