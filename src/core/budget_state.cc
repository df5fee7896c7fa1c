#include "core/budget_state.h"

#include <malloc.h>

#include <algorithm>

#include "core/memory_governor.h"

namespace polarway {
namespace {

using namespace std::chrono_literals;

// Growth between two samples that no account sees: allocator slack, stacks, library internals.
constexpr std::int64_t kProcessMargin = 2 << 20;

// Memory that was given back and taken again in between is not worth giving back once more.
constexpr auto kPurgePeriod = 50ms;

std::int64_t all_bytes(const CountingPool& pool) {
  return pool.bytes_allocated() + pool.bytes_kept();
}

}  // namespace

std::int64_t MemoryBudget::State::begin_sample() {
  pool_bytes_before_sample = all_bytes(pool);
  const std::lock_guard lock(mutex);
  return asked_limit_bytes;
}

void MemoryBudget::State::correct(const MemorySample& seen) {
  std::int64_t ceiling = 0;
  {
    const std::lock_guard lock(mutex);
    sample = seen;
    if (scope == MemoryScope::Process) {
      // Other threads allocate meanwhile: what the pool held before or after, whichever is more, is
      // what the measurement may have seen.
      const std::int64_t ours = std::max(pool_bytes_before_sample, all_bytes(pool));
      const std::int64_t measured =
          std::max<std::int64_t>(0, seen.process_bytes - ours) + kProcessMargin;
      const std::int64_t less = std::max<std::int64_t>(0, unaccounted_bytes - measured);
      unaccounted_bytes =
          less == 0 ? measured
                    : unaccounted_bytes -
                          static_cast<std::int64_t>(static_cast<double>(less) * seen.trust);
      peak_used_bytes = std::max(peak_used_bytes, seen.process_bytes);
    } else {
      // A library cannot tell its own heap from its host's: what its pools hold beyond the leases
      // is the growth that is surely its own.
      unaccounted_bytes = std::max<std::int64_t>(0, pool.bytes_allocated() - reserved_bytes);
    }
    apply_limit();
    ceiling = limit_bytes - unaccounted_bytes;
  }
  pool.age();
  if (all_bytes(pool) > ceiling) pool.ReleaseUnused();
  given_back.notify_all();
}

void MemoryBudget::State::apply_limit() {
  limit_bytes = std::min(asked_limit_bytes, sample.group_limit_bytes);
  is_room_short = false;
  if (sample.room_bytes != INT64_MAX) {
    // Our part of the room comes on top of what we have touched already; leases whose bytes are
    // still to be touched will take it, too.
    const std::int64_t touched =
        scope == MemoryScope::Process ? sample.process_bytes : all_bytes(pool);
    const double part = sample.room_bytes > 0
                            ? static_cast<double>(asked_limit_bytes) / sample.total_asked_bytes
                            : 1;
    const std::int64_t most =
        touched + static_cast<std::int64_t>(static_cast<double>(sample.room_bytes) * part);
    is_room_short = most < limit_bytes;
    limit_bytes = std::max<std::int64_t>(1, std::min(limit_bytes, most));
  }
  pool.set_ceiling(limit_bytes - unaccounted_bytes);
}

void MemoryBudget::State::purge() {
  {
    const std::lock_guard lock(mutex);
    const auto now = std::chrono::steady_clock::now();
    // Where only leases stand against the limit, allocators have nothing that would help.
    if (scope == MemoryScope::Accounted && !is_room_short) return;
    if (now - purged_at < kPurgePeriod) return;
    purged_at = now;
  }
  pool.ReleaseUnused();
  arrow::default_memory_pool()->ReleaseUnused();
  ::malloc_trim(0);
  governor->sample(MemoryGovernor::Trust::Half);
}

}  // namespace polarway
