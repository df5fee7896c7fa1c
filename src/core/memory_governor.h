#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/memory_probe.h"
#include "polarway/memory.h"

namespace polarway {

/// Watches the process's memory, its cgroups' and the host's while a budget is open, and corrects
/// the open budgets: by what the process uses outside of any account, by what the cgroups and the
/// host still have room for, and by how much the kernel makes tasks wait for memory.
///
/// A thread of its own samples every 10 ms, what lies around the process every 20 ms, in 0.5 % of a
/// core; it sleeps while no budget is open. Where no thread is to be had, streams sample between
/// chunks (MemoryBudget::refresh()).
///
/// Thread-safe. Does nothing in a child after fork(), where its mutex may be held by nobody.
class MemoryGovernor {
 public:
  /// The process's own.
  static MemoryGovernor& global();

  /// For tests: it reads `probe`, samples only when told, and everything each time.
  explicit MemoryGovernor(MemoryProbe probe)
      : probe_(std::move(probe)), runs_thread_(false), surroundings_period_(0) {}
  MemoryGovernor(const MemoryGovernor&) = delete;
  MemoryGovernor& operator=(const MemoryGovernor&) = delete;

  /// A budget to correct from now on, at once for the first time. Lives until forget().
  void watch(MemoryBudget::State& budget);
  /// No longer.
  void forget(MemoryBudget::State& budget);

  /// How a sample that shows less use than before is taken.
  enum class Trust {
    /// Slowly: pages of ours that are mapped but not yet touched make the rest look smaller than it
    /// is.
    Little,
    /// By half: allocators have just given back what they hoarded.
    Half,
  };

  /// Measures, and corrects every budget.
  void sample(Trust trust = Trust::Little);
  /// The same, unless that was done within the last 10 ms.
  void sample_if_due();

 private:
  using Clock = std::chrono::steady_clock;

  MemoryGovernor() = default;
  void run() noexcept;
  void start_thread();
  void measure_surroundings(Clock::time_point now);
  bool is_forked_copy() const { return process_ != ::getpid(); }

  std::mutex mutex_;
  std::condition_variable watched_;  // signalled when there is a budget to watch
  std::vector<MemoryBudget::State*> budgets_;
  MemoryProbe probe_;
  const bool runs_thread_ = true;
  bool has_thread_ = false;
  const pid_t process_ = ::getpid();
  const Clock::duration surroundings_period_ = std::chrono::milliseconds(20);

  // As of the last look at what lies around the process.
  Clock::time_point surroundings_at_{};
  std::optional<std::int64_t> group_limit_bytes_;  // the smallest of the chain, less headroom
  std::int64_t room_bytes_ = INT64_MAX;            // what may be used on top; negative: too much is
  std::optional<std::int64_t> stall_us_;
  double stall_share_ = 0;

  std::atomic<Clock::duration::rep> sampled_at_{0};
};

}  // namespace polarway
