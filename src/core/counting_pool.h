#pragma once

#include <arrow/memory_pool.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace polarway {

/// The Arrow memory pool of a MemoryBudget: it counts, keeps large blocks for reuse, and never
/// refuses (libarrow does not survive refusals; admission is MemoryBudget::reserve()).
///
/// Blocks of 64 KiB and more are mappings of their own, in size classes so fine that what is
/// counted is what is used. A freed one is kept for the next request of about its size, because the
/// first touch of fresh memory costs three times what reading it from the page cache does. Kept
/// blocks go back to the system, oldest first, when nobody asked for them for a while (age()) and
/// beyond a quarter of the ceiling, and all at once when live + kept + requested would pass it. A
/// large block that grows becomes a kept one; where there is none it is remapped, so that no copy
/// is made and the peak is not the sum of old and new. One that shrinks by less than an eighth
/// gives its end back; by more, it becomes a kept one, too.
///
/// Thread-safe.
class CountingPool final : public arrow::MemoryPool {
 public:
  CountingPool();
  ~CountingPool() override;

  using MemoryPool::Allocate;
  using MemoryPool::Free;
  using MemoryPool::Reallocate;
  arrow::Status Allocate(std::int64_t size, std::int64_t alignment, std::uint8_t** out) override;
  arrow::Status Reallocate(std::int64_t old_size, std::int64_t new_size, std::int64_t alignment,
                           std::uint8_t** ptr) override;
  void Free(std::uint8_t* buffer, std::int64_t size, std::int64_t alignment) override;
  void ReleaseUnused() override;

  std::int64_t bytes_allocated() const override { return live_.load(std::memory_order_relaxed); }
  std::int64_t max_memory() const override { return max_live_.load(std::memory_order_relaxed); }
  std::int64_t total_bytes_allocated() const override {
    return total_.load(std::memory_order_relaxed);
  }
  std::int64_t num_allocations() const override {
    return num_allocations_.load(std::memory_order_relaxed);
  }
  std::string backend_name() const override { return "polarway"; }

  /// Bytes kept for reuse.
  std::int64_t bytes_kept() const { return kept_.load(std::memory_order_relaxed); }

  /// Gives back what was kept for kAges calls of this: a steady stream asks for the same blocks
  /// again and again, and what it does not ask for would make memory grow with the input.
  void age();
  static constexpr std::int64_t kAges = 5;

  /// Live and kept bytes together stay under this as long as there is something kept to give up.
  void set_ceiling(std::int64_t bytes) { ceiling_.store(bytes, std::memory_order_relaxed); }

  /// For tests of a system without memory: asked before anything is allocated or grown, by any
  /// thread; false fails it. To be set while nobody allocates.
  void set_admit(std::function<bool(std::int64_t bytes)> admit) { admit_ = std::move(admit); }

  /// What a request of `size` bytes really takes.
  static std::int64_t block_size(std::int64_t size);
  /// Blocks of this many bytes and more are mappings of their own.
  static constexpr std::int64_t kLargeBlock = 64 << 10;

 private:
  void count(std::int64_t bytes);
  // The kept block nearest in size, made this large, which is then no longer kept; null when there
  // is none within an eighth.
  std::uint8_t* take_kept(std::int64_t bytes);
  template <class Condition>
  void unmap_oldest_while(Condition too_much);

  std::atomic<std::int64_t> live_{0};
  std::atomic<std::int64_t> max_live_{0};
  std::atomic<std::int64_t> total_{0};
  std::atomic<std::int64_t> num_allocations_{0};
  std::atomic<std::int64_t> kept_{0};
  std::atomic<std::int64_t> ceiling_{INT64_MAX};

  std::function<bool(std::int64_t)> admit_;

  std::mutex mutex_;
  struct Block {
    std::uint8_t* data;
    std::int64_t bytes;
    std::int64_t kept_at;  // the age then
  };
  // Both guarded by mutex_. Oldest first, few enough for a linear search. Never grows.
  std::vector<Block> kept_blocks_;
  std::int64_t age_ = 0;
};

}  // namespace polarway
