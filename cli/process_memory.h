#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace polarway::cli {

/// Makes the C library and Arrow give memory back instead of hoarding it. Call it first in main(),
/// before there is a second thread and before anything of Arrow runs.
void use_memory_sparingly();

/// The most anonymous and shared memory the process had at any sample: what the limit is about. A
/// thread samples every few milliseconds, since a peak may come and go within one step of the work.
class MemoryPeak {
 public:
  MemoryPeak();
  ~MemoryPeak();
  MemoryPeak(const MemoryPeak&) = delete;
  MemoryPeak& operator=(const MemoryPeak&) = delete;

  /// Measures RssAnon + RssShmem. Some 20 microseconds. Any thread.
  void sample();
  /// The largest sample; 0 before the first, and where the system does not tell.
  std::int64_t bytes() const { return peak_bytes_.load(); }

 private:
  int status_file_;
  std::atomic<std::int64_t> peak_bytes_{0};
  std::jthread sampler_;
};

}  // namespace polarway::cli
