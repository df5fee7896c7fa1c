#pragma once

#include <cstdint>

#include "polarway/result.h"

namespace polarway::cli {

/// Makes the C library and Arrow give memory back instead of hoarding it. Call it first in main(),
/// before there is a second thread and before anything of Arrow runs.
void use_memory_sparingly();

/// Has the kernel refuse memory beyond `limit_bytes`, as a backstop behind the budget: RLIMIT_DATA,
/// which counts what is mapped, touched or not, so what is mapped and untouched now, thread stacks
/// and 16 MB of slack come on top. Never raises a lower limit that is set already.
Result<void> enforce_memory_limit(std::int64_t limit_bytes);

/// The most anonymous and shared memory the process had at any sample(): what the limit is about.
class MemoryPeak {
 public:
  MemoryPeak();
  ~MemoryPeak();
  MemoryPeak(const MemoryPeak&) = delete;
  MemoryPeak& operator=(const MemoryPeak&) = delete;

  /// Measures RssAnon + RssShmem. Some 20 microseconds.
  void sample();
  /// The largest sample; 0 before the first, and where the system does not tell.
  std::int64_t bytes() const { return peak_bytes_; }

 private:
  int status_file_;
  std::int64_t peak_bytes_ = 0;
};

}  // namespace polarway::cli
