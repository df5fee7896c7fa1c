#pragma once

#include <cstdint>

namespace polarway::cli {

/// Makes the C library and Arrow give memory back instead of hoarding it. Call it first in main(),
/// before there is a second thread and before anything of Arrow runs.
void use_memory_sparingly();

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
