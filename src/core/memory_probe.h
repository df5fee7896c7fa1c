#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kernel_file.h"

namespace polarway {

/// The resident bytes of a process.
struct ProcessMemory {
  std::int64_t anonymous_bytes = 0;  ///< RssAnon + RssShmem.
  std::int64_t file_bytes = 0;       ///< RssFile.
};

/// A memory cgroup that has a limit: the process's own, or one above it.
struct CgroupLevel {
  std::int64_t limit_bytes = 0;      ///< v2: the lower of memory.max and memory.high.
  std::int64_t available_bytes = 0;  ///< Limit - (usage - file pages, which are given up first).
};

/// Reads what the kernel says of memory: the process's own, its cgroups' and the host's.
///
/// Formats: proc(5); cgroup v1 memory.txt, v2 cgroup-v2.txt and psi.txt of the kernel's
/// documentation. Where the cgroups lie is found once, and again when the process is moved; apart
/// from that a look allocates nothing.
///
/// Threads: one at a time.
class MemoryProbe {
 public:
  /// `root` stands in for "/"; tests lay recorded files below it.
  explicit MemoryProbe(const std::string& root = "");

  /// What of this process is resident.
  ProcessMemory process_memory();

  /// The memory cgroups with a limit, v1 and v2, from the process's own upwards. Good until the
  /// next call.
  const std::vector<CgroupLevel>& cgroup_levels();

  /// The smallest limit of the chain, or nothing where none is set.
  std::optional<std::int64_t> cgroup_limit_bytes();

  /// What the chain leaves: the smallest available_bytes.
  std::optional<std::int64_t> cgroup_available_bytes();

  /// MemAvailable of the host; INT64_MAX when the kernel does not say.
  std::int64_t host_available_bytes();

  /// MemTotal of the host; INT64_MAX when the kernel does not say.
  std::int64_t host_total_bytes();

  /// Data segment RLIMIT_DATA still allows, or nothing without such a limit.
  std::optional<std::int64_t> rlimit_available_bytes();

  /// Microseconds, since some time long ago, in which some task of the cgroup (v2; else of the
  /// host) stood still for memory: the total of PSI's "some" line. Nothing without PSI.
  std::optional<std::int64_t> stall_us();

 private:
  struct Cgroup {
    bool is_v2;
    KernelFile limit;  // v2: memory.max
    KernelFile high;   // v2 only
    KernelFile usage;
    KernelFile stat;
    KernelFile pressure;  // v2 only
  };

  void find_cgroups();
  std::string_view read(KernelFile& file);
  std::optional<std::int64_t> read_number(KernelFile& file);

  std::string root_;
  KernelFile status_;
  KernelFile memberships_;
  KernelFile host_;
  KernelFile pressure_;
  std::string known_memberships_;  // as of when `cgroups_` were found
  std::vector<Cgroup> cgroups_;    // from the process's own upwards
  std::vector<CgroupLevel> levels_;
  std::array<char, 8192> text_;  // of the file read last
};

}  // namespace polarway
