#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace polarway {

/// Reads what the kernel says of memory: the process's own, its cgroups' and the host's.
///
/// Formats: proc(5); cgroup v1 memory.txt and v2 cgroup-v2.txt of the kernel's documentation.
/// Thread-safe: no state but the root, below which tests lay recorded files.
class MemoryProbe {
 public:
  /// `root` stands in for "/".
  explicit MemoryProbe(std::string root = "") : root_(std::move(root)) {}

  /// Anonymous and shared-anonymous resident bytes of this process (RssAnon + RssShmem).
  std::int64_t process_bytes() const;

  /// The smallest limit over the chain of memory cgroups this process is in (v2: memory.max and
  /// memory.high), or nothing where none is set.
  std::optional<std::int64_t> cgroup_limit_bytes() const;

  /// What the cgroup chain leaves: the smallest of limit - (usage - inactive file pages).
  std::optional<std::int64_t> cgroup_available_bytes() const;

  /// MemAvailable of the host; INT64_MAX when the kernel does not say.
  std::int64_t host_available_bytes() const;

  /// Data segment RLIMIT_DATA still allows, or nothing without such a limit.
  std::optional<std::int64_t> rlimit_available_bytes() const;

 private:
  struct Level;
  template <class Visit>
  void visit_cgroups(Visit visit) const;
  std::optional<std::string> read(const std::string& path) const;

  std::string root_;
};

}  // namespace polarway
