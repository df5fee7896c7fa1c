#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/counting_pool.h"
#include "polarway/memory.h"

namespace polarway {

class BudgetSeat;
class MemoryGovernor;

/// What a MemoryGovernor saw, as it concerns every budget. INT64_MAX stands for "no bound".
struct MemorySample {
  std::int64_t process_bytes = 0;              ///< RssAnon + RssShmem.
  std::int64_t process_file_bytes = 0;         ///< RssFile.
  std::int64_t group_limit_bytes = INT64_MAX;  ///< The smallest of the cgroups', less headroom.
  std::int64_t room_bytes = INT64_MAX;  ///< What cgroups, host and RLIMIT_DATA leave; or negative.
  double total_asked_bytes = 1;         ///< The sum of all budgets' limits: room is shared by them.
  double stall_share = 0;               ///< See MemoryBudget::stall_share().
  double trust = 1;                     ///< How far a smaller use than before is believed, 0 to 1.
};

/// What a MemoryBudget keeps. The account is guarded by `mutex`.
struct MemoryBudget::State {
  mutable std::mutex mutex;
  std::condition_variable_any given_back;  // signalled when bytes return or the limit grows

  MemoryScope scope = MemoryScope::Accounted;
  std::int64_t asked_limit_bytes = 0;  // what the caller wants
  std::int64_t limit_bytes = 0;        // lowered to what cgroups and host leave
  bool is_room_short = false;          // because memory runs out around us, not by a set limit
  std::array<std::int64_t, kNumLeaseHolders> held_bytes{};
  std::int64_t reserved_bytes = 0;
  std::int64_t peak_reserved_bytes = 0;
  std::int64_t peak_used_bytes = 0;
  std::int64_t unaccounted_bytes = 0;
  std::int64_t waiting = 0;  // threads that wait for bytes to return
  std::vector<BudgetSeat*> seats;

  MemoryGovernor* governor = nullptr;
  MemorySample sample;  // the last
  std::chrono::steady_clock::time_point purged_at{};

  std::atomic<std::int64_t> chunks_held{0};
  CountingPool pool;
  std::int64_t pool_bytes_before_sample = 0;  // guarded by the governor's

  /// For tests that refuse the n-th lease: asked, with the mutex held, before a lease that fits is
  /// granted. Null grants them all.
  std::function<bool(std::int64_t bytes, LeaseHolder holder)> admit;

  /// What is left, possibly negative after an overdraft. Call with the mutex held.
  std::int64_t left_bytes() const { return limit_bytes - unaccounted_bytes - reserved_bytes; }
  /// Whether there is room; for nothing there always is. Call with the mutex held.
  bool fits(std::int64_t bytes) const { return bytes <= std::max<std::int64_t>(0, left_bytes()); }
  /// Whether a lease may be granted now. Call with the mutex held.
  bool grants(std::int64_t bytes, LeaseHolder holder) const {
    return fits(bytes) && (!admit || admit(bytes, holder));
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
  /// Recomputes limit_bytes and the pool's ceiling. Call with the mutex held.
  void apply_limit();

  /// The governor is about to measure; answers the limit asked for.
  std::int64_t begin_sample();
  /// Corrects the account by what the governor saw.
  void correct(const MemorySample& seen);
  /// Makes allocators give back what they hoard and measures again, where that can make room and
  /// was not done within the last 50 ms. Call without the mutex.
  void purge();
};

}  // namespace polarway
