#include "core/memory_governor.h"

#include <algorithm>
#include <exception>
#include <new>
#include <thread>

#include "core/budget_state.h"
#include "core/thread.h"

namespace polarway {
namespace {

using namespace std::chrono_literals;

constexpr auto kPeriod = 20ms;
constexpr std::size_t kStackBytes = 128 << 10;

// PSI is smoothed over about this long: tasks stall in bursts.
constexpr double kStallWindowUs = 200'000;

// Room that a cgroup keeps below its limit, where it kills: for page cache and the kernel's own
// charges (design 5.1).
std::int64_t group_headroom(std::int64_t limit_bytes) {
  return std::max<std::int64_t>(8'000'000, limit_bytes / 10);
}

// And the host's, for everyone else.
std::int64_t host_headroom(std::int64_t total_bytes) {
  return std::clamp<std::int64_t>(total_bytes / 50, 8 << 20, 256 << 20);
}

}  // namespace

MemoryGovernor& MemoryGovernor::global() {
  // Never destroyed: its thread may sample while static objects die.
  static auto* governor = new MemoryGovernor();
  return *governor;
}

void MemoryGovernor::watch(MemoryBudget::State& budget) {
  if (is_forked_copy()) return;
  {
    const std::lock_guard lock(mutex_);
    budgets_.push_back(&budget);
    start_thread();
  }
  watched_.notify_one();
  sample();
}

void MemoryGovernor::forget(MemoryBudget::State& budget) {
  if (is_forked_copy()) return;
  const std::lock_guard lock(mutex_);
  std::erase(budgets_, &budget);
}

// Needs the mutex.
void MemoryGovernor::start_thread() {
  if (!runs_thread_ || has_thread_) return;
  try {
    const auto thread = polarway::start_thread("polarway-memory", kStackBytes, [this] { run(); });
    if (!thread) return;  // the next budget tries again
    pthread_detach(*thread);
    has_thread_ = true;
  } catch (const std::exception&) {  // no memory for it
  }
}

void MemoryGovernor::run() noexcept {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      watched_.wait(lock, [this] { return !budgets_.empty(); });
    }
    sample();
    std::this_thread::sleep_for(kPeriod);
  }
}

void MemoryGovernor::sample_if_due() {
  const Clock::rep last = sampled_at_.load(std::memory_order_relaxed);
  if (Clock::now().time_since_epoch().count() - last >= Clock::duration(kPeriod).count()) sample();
}

// Needs the mutex.
MemorySample MemoryGovernor::measure() {
  const ProcessMemory process = probe_.process_memory();
  MemorySample seen{.process_bytes = process.anonymous_bytes,
                    .process_file_bytes = process.file_bytes};
  for (const CgroupLevel& level : probe_.cgroup_levels()) {
    const std::int64_t headroom = group_headroom(level.limit_bytes);
    seen.group_limit_bytes = std::min(seen.group_limit_bytes, level.limit_bytes - headroom);
    seen.room_bytes = std::min(seen.room_bytes, level.available_bytes - headroom);
  }
  if (const std::int64_t host = probe_.host_available_bytes(); host != INT64_MAX) {
    if (host_headroom_bytes_ == 0) host_headroom_bytes_ = host_headroom(probe_.host_total_bytes());
    seen.room_bytes = std::min(seen.room_bytes, host - host_headroom_bytes_);
  }
  if (const auto data = probe_.rlimit_available_bytes()) {
    seen.room_bytes = std::min(seen.room_bytes, *data);
  }
  const Clock::time_point now = Clock::now();
  const double elapsed_us =
      std::chrono::duration<double, std::micro>(now - stall_measured_at_).count();
  const std::optional<std::int64_t> stall_us = probe_.stall_us();
  if (stall_us && stall_us_ && elapsed_us > 0) {
    const double share =
        std::clamp(static_cast<double>(*stall_us - *stall_us_) / elapsed_us, 0.0, 1.0);
    stall_share_ += (share - stall_share_) * std::min(1.0, elapsed_us / kStallWindowUs);
  }
  stall_us_ = stall_us;
  stall_measured_at_ = now;
  seen.stall_share = stall_share_;
  return seen;
}

void MemoryGovernor::sample(Trust trust) {
  if (is_forked_copy()) return;
  const std::lock_guard lock(mutex_);
  try {
    double asked_bytes = 0;  // limits may be "none", whose sum does not fit 63 bits
    for (MemoryBudget::State* budget : budgets_) {
      asked_bytes += static_cast<double>(budget->begin_sample());
    }
    MemorySample seen = measure();
    seen.total_asked_bytes = asked_bytes;
    seen.trust = trust == Trust::Half ? 0.5 : 1.0 / 16;
    for (MemoryBudget::State* budget : budgets_) budget->correct(seen);
    sampled_at_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
  } catch (const std::bad_alloc&) {
    // No memory to read a file of the kernel: the budgets stay as strict as they were.
  }
}

}  // namespace polarway
