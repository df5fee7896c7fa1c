#pragma once

#include <arrow/type_fwd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "polarway/export.h"
#include "polarway/result.h"

namespace polarway {

class MemoryBudget;
/// @cond internal
class MemoryGovernor;
/// @endcond

/// Bytes this process may still use: the smallest of what the memory cgroups (v1 and v2, all
/// ancestors), the host and RLIMIT_DATA leave. At least 0. Thread-safe; costs some file reads.
POLARWAY_EXPORT std::int64_t memory_available();

/// Parses "600MB", "2 GiB", "1.5gb" or plain bytes. KB, MB, GB, TB are powers of 1000; KiB, MiB,
/// GiB, TiB of 1024; case does not matter. Config error for anything else, for negative sizes and
/// for what does not fit 63 bits.
POLARWAY_EXPORT Result<std::int64_t> parse_size(std::string_view text);

/// Who a lease belongs to. What the library holds comes back by itself; what the user holds (User)
/// comes back when the user lets go of the chunk.
enum class LeaseHolder : std::uint8_t {
  Reader,  ///< A reader's working set: blocks, indexes, pages.
  Queue,   ///< Chunks being read, or read ahead and not yet delivered.
  Sink,    ///< Buffers of a sink.
  Frame,   ///< Results being computed from a chunk.
  Reject,  ///< Rejected rows kept for the caller.
  User,    ///< Delivered chunks, and what was computed from them, still referenced.
};

/// The number of LeaseHolder values.
inline constexpr int kNumLeaseHolders = 6;

/// Bytes taken from a MemoryBudget, given back when this object dies. Move-only.
///
/// Threads: one at a time; different leases of one budget are independent.
class POLARWAY_EXPORT MemoryLease {
 public:
  /// A lease of nothing from nobody.
  MemoryLease() = default;
  MemoryLease(MemoryLease&& other) noexcept;             ///< Leaves `other` empty.
  MemoryLease& operator=(MemoryLease&& other) noexcept;  ///< Gives back what *this held.
  MemoryLease(const MemoryLease&) = delete;
  MemoryLease& operator=(const MemoryLease&) = delete;
  ~MemoryLease();

  /// What this lease holds.
  std::int64_t bytes() const { return bytes_; }
  /// True if it belongs to a budget, even with 0 bytes.
  explicit operator bool() const { return budget_ != nullptr; }
  /// The budget, or null.
  const std::shared_ptr<MemoryBudget>& budget() const { return budget_; }

  /// Takes `more_bytes` on top, or leaves the lease as it is and fails with MemoryLimit.
  Result<void> grow(std::int64_t more_bytes);
  /// Takes what the bytes already in use come to, even beyond the limit: for the rare case that
  /// something turned out larger than its reservation. The overdraft is visible in
  /// MemoryBudget::reserved_bytes() and refuses everyone else until it is gone.
  void settle_at(std::int64_t bytes);
  /// Gives back all but `bytes`. No effect when the lease is not larger than that.
  void shrink_to(std::int64_t bytes);
  /// Moves up to `bytes` of this lease into a new one of the same holder.
  MemoryLease split(std::int64_t bytes);
  /// Changes whom the bytes are counted for.
  void hand_to(LeaseHolder holder);
  /// Gives everything back now.
  void release();

 private:
  friend class MemoryBudget;
  MemoryLease(std::shared_ptr<MemoryBudget> budget, std::int64_t bytes, LeaseHolder holder);

  std::shared_ptr<MemoryBudget> budget_;
  std::int64_t bytes_ = 0;
  LeaseHolder holder_ = LeaseHolder::Reader;
};

/// What a budget's limit is compared with.
enum class MemoryScope : std::uint8_t {
  Accounted,  ///< The leases: what streams, sinks and chunks take. For libraries.
  Process,    ///< The process's anonymous and shared memory, everything included. For programs.
};

/// The account of bytes that one stream, or several, may use.
///
/// A lease is taken before the bytes are, and goes back when they do. The sum of leases never
/// exceeds the limit less what the process uses outside of any account (MemoryScope::Process),
/// except for MemoryLease::settle_at. Streams that share a budget get fair shares of it: what one
/// does not want the others may borrow, and give back with their next chunk.
///
/// One thread per process, the governor, watches the process, its memory cgroups and the host
/// while a budget is open, and corrects the budgets every 20 ms: see docs/MEMORY.md. All methods
/// are thread-safe.
class POLARWAY_EXPORT MemoryBudget : public std::enable_shared_from_this<MemoryBudget> {
 public:
  /// A budget of `limit_bytes` (> 0), lowered to what the memory cgroup leaves, its limit less
  /// max(8 MB, 10 %), and to what there is room for in the cgroup and on the host, as that changes.
  static std::shared_ptr<MemoryBudget> make(std::int64_t limit_bytes,
                                            MemoryScope scope = MemoryScope::Accounted);

  /// 60 % of memory_available(): the limit where none is given.
  static std::int64_t default_limit_bytes();

  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;
  ~MemoryBudget();

  /// Takes `bytes` (>= 0) at once, or fails with MemoryLimit, whose text names the holders. Makes
  /// allocators give back what they hoard before it refuses.
  Result<MemoryLease> reserve(std::int64_t bytes, LeaseHolder holder);

  /// The same, but waits up to `timeout` for others to give back. Cancelled when `stop` comes
  /// first. Fails at once when the request can never fit.
  Result<MemoryLease> reserve(std::int64_t bytes, LeaseHolder holder,
                              std::chrono::milliseconds timeout, std::stop_token stop = {});

  /// The limit in force.
  std::int64_t limit_bytes() const;
  /// Changes the limit (> 0). Leases already given stay; new ones see the new limit.
  void set_limit(std::int64_t limit_bytes);

  /// The sum of all leases.
  std::int64_t reserved_bytes() const;
  /// The highest reserved_bytes() so far.
  std::int64_t peak_reserved_bytes() const;
  /// What no lease pays for, as of the governor's last sample. Process: all that the process uses
  /// besides; Accounted: what arrow_pool() holds beyond the leases, as a rule nothing.
  std::int64_t unaccounted_bytes() const;
  /// reserved_bytes() + unaccounted_bytes().
  std::int64_t used_bytes() const;
  /// The highest used_bytes() so far; for MemoryScope::Process at least what was measured of
  /// the process, blocks that the pool keeps for reuse included.
  std::int64_t peak_used_bytes() const;
  /// What reserve() would grant now; at least 0.
  std::int64_t available_bytes() const;
  /// used_bytes() / limit_bytes().
  double usage() const;
  /// The part of the last 0.2 seconds or so, 0 to 1, in which some task of the memory cgroup (or of
  /// the host) stood still for memory: the kernel's pressure stall information. 0 where it has
  /// none.
  double stall_share() const;
  /// Delivered chunks that the user still references, whole or in part.
  std::int64_t chunks_held() const;
  /// Who holds what, largest first.
  std::vector<MemoryHolding> holdings() const;

  /// Has the governor measure now, rather than within the next 20 ms: after something large was
  /// allocated or freed that no lease pays for.
  void refresh();

  /// The Arrow memory pool whose bytes this budget pays for. It counts and never refuses:
  /// admission is reserve(), before the work. Lives as long as the budget.
  arrow::MemoryPool* arrow_pool() const;

  /// @cond internal
  struct State;
  State& state() { return *state_; }
  static std::shared_ptr<MemoryBudget> make(std::int64_t limit_bytes, MemoryScope scope,
                                            MemoryGovernor& governor);
  /// @endcond

 private:
  friend class MemoryLease;
  explicit MemoryBudget(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace polarway
