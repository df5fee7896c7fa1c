#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "core/counting_pool.h"
#include "polarway/memory.h"

namespace polarway {

/// What a MemoryBudget keeps. The account is guarded by `mutex`.
struct MemoryBudget::State {
  mutable std::mutex mutex;
  std::condition_variable_any given_back;  // signalled when bytes return or the limit grows

  std::int64_t asked_limit_bytes = 0;  // what the caller wants
  std::int64_t limit_bytes = 0;        // lowered to what the memory cgroup leaves
  MemoryScope scope = MemoryScope::Accounted;
  std::array<std::int64_t, kNumLeaseHolders> held_bytes{};
  std::int64_t reserved_bytes = 0;
  std::int64_t peak_reserved_bytes = 0;
  std::int64_t peak_used_bytes = 0;
  std::int64_t unaccounted_bytes = 0;
  std::int64_t waiting = 0;  // threads that wait for bytes to return

  std::atomic<std::int64_t> chunks_held{0};
  CountingPool pool;

  /// For tests that refuse the n-th lease: asked, with the mutex held, before a lease that fits is
  /// granted. Null grants them all.
  std::function<bool(std::int64_t bytes, LeaseHolder holder)> admit;

  /// What is left, possibly negative after an overdraft. Call with the mutex held.
  std::int64_t left_bytes() const { return limit_bytes - unaccounted_bytes - reserved_bytes; }
  /// Whether a lease may be granted now. Call with the mutex held.
  bool grants(std::int64_t bytes, LeaseHolder holder) const {
    return bytes <= left_bytes() && (!admit || admit(bytes, holder));
  }
  /// Moves bytes in (or out, when negative) for a holder. Call with the mutex held.
  void add(std::int64_t bytes, LeaseHolder holder) {
    held_bytes[static_cast<std::size_t>(holder)] += bytes;
    reserved_bytes += bytes;
    if (reserved_bytes > peak_reserved_bytes) peak_reserved_bytes = reserved_bytes;
    if (reserved_bytes + unaccounted_bytes > peak_used_bytes) {
      peak_used_bytes = reserved_bytes + unaccounted_bytes;
    }
  }
};

}  // namespace polarway
