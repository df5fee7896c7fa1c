#include "process_memory.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <system_error>

namespace polarway::cli {

namespace {

// Blocks above this size are pages of their own and go back to the system when they are freed.
constexpr int kMmapThresholdBytes = 256 * 1024;
// The heap's end goes back when more than this is free there.
constexpr int kTrimThresholdBytes = 512 * 1024;

constexpr std::chrono::milliseconds kSampleEvery{3};

// The figure of a line such as "RssAnon:      1234 kB", in bytes; 0 when there is none.
std::int64_t figure_of(std::string_view status, std::string_view name) {
  const std::size_t at = status.find(name);
  if (at == std::string_view::npos) return 0;
  std::string_view rest = status.substr(at + name.size());
  rest.remove_prefix(std::min(rest.find_first_of("0123456789"), rest.size()));
  std::int64_t kib = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), kib);
  return kib * 1024;
}

}  // namespace

void use_memory_sparingly() {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, kMmapThresholdBytes);
  mallopt(M_TRIM_THRESHOLD, kTrimThresholdBytes);
  setenv("ARROW_DEFAULT_MEMORY_POOL", "system", 1);
}

MemoryPeak::MemoryPeak() : status_file_(open("/proc/self/status", O_RDONLY | O_CLOEXEC)) {
  try {
    sampler_ = std::jthread([this](const std::stop_token& stop) {
      std::mutex mutex;
      std::condition_variable_any stopped;
      std::unique_lock lock(mutex);
      while (!stop.stop_requested()) {
        sample();
        stopped.wait_for(lock, stop, kSampleEvery, [] { return false; });
      }
    });
  } catch (const std::system_error&) {
    // No thread to be had: then what is sampled by hand must do.
  }
}

MemoryPeak::~MemoryPeak() {
  if (sampler_.joinable()) {
    sampler_.request_stop();
    sampler_.join();
  }
  if (status_file_ >= 0) close(status_file_);
}

void MemoryPeak::sample() {
  char text[4096];
  const ssize_t length = pread(status_file_, text, sizeof text, 0);
  if (length <= 0) return;
  const std::string_view status(text, static_cast<std::size_t>(length));
  const std::int64_t now = figure_of(status, "\nRssAnon:") + figure_of(status, "\nRssShmem:");
  std::int64_t peak = peak_bytes_.load();
  while (now > peak && !peak_bytes_.compare_exchange_weak(peak, now)) continue;
}

}  // namespace polarway::cli
