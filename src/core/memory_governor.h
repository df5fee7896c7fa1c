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

struct MemorySample;

/// Watches the process's memory, its cgroups' and the host's while a budget is open, and corrects
/// the open budgets: by what the process uses outside of any account, by what the cgroups and the
/// host still have room for, and by how much the kernel makes tasks wait for memory.
///
/// A thread of its own samples every 20 ms, in less than 1 % of a core; it sleeps while no budget
/// is open. Where no thread is to be had, streams sample between chunks (sample_if_due()).
///
/// Thread-safe. Does nothing in a child after fork(), where its mutex may be held by nobody.
class MemoryGovernor {
 public:
  /// The process's own.
  static MemoryGovernor& global();

  /// For tests: it reads `probe`, and samples only when told.
  explicit MemoryGovernor(MemoryProbe probe) : probe_(std::move(probe)), runs_thread_(false) {}
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
  /// The same, unless that was done within the last 20 ms.
  void sample_if_due();

 private:
  using Clock = std::chrono::steady_clock;

  MemoryGovernor() = default;
  void run() noexcept;
  void start_thread();
  MemorySample measure();
  bool is_forked_copy() const { return process_ != ::getpid(); }

  std::mutex mutex_;
  std::condition_variable watched_;  // signalled when there is a budget to watch
  std::vector<MemoryBudget::State*> budgets_;
  MemoryProbe probe_;
  const bool runs_thread_ = true;
  bool has_thread_ = false;
  const pid_t process_ = ::getpid();

  std::int64_t host_headroom_bytes_ = 0;  // 0: not known yet
  std::optional<std::int64_t> stall_us_;  // at the last sample
  Clock::time_point stall_measured_at_{};
  double stall_share_ = 0;

  std::atomic<Clock::duration::rep> sampled_at_{0};
};

}  // namespace polarway
