#include "process_memory.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace polarway::cli {

namespace {

// Blocks above this size are pages of their own and go back to the system when they are freed.
constexpr int kMmapThresholdBytes = 256 * 1024;
// The heap's end goes back when more than this is free there.
constexpr int kTrimThresholdBytes = 512 * 1024;

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

using StatusText = std::array<char, 4096>;

// /proc/self/status, or "" where there is none. `text` backs the result.
std::string_view read_status(int file, StatusText& text) {
  const ssize_t length = pread(file, text.data(), text.size(), 0);
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(0, length))};
}

std::int64_t anonymous_bytes(std::string_view status) {
  return figure_of(status, "\nRssAnon:") + figure_of(status, "\nRssShmem:");
}

}  // namespace

void use_memory_sparingly() {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, kMmapThresholdBytes);
  mallopt(M_TRIM_THRESHOLD, kTrimThresholdBytes);
  setenv("ARROW_DEFAULT_MEMORY_POOL", "system", 1);
}

Result<void> enforce_memory_limit(std::int64_t limit_bytes) {
  constexpr std::int64_t kSlackBytes = 16'000'000;
  const int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  StatusText text;
  const std::string_view status = read_status(file, text);
  if (file >= 0) close(file);
  const std::int64_t untouched =
      std::max<std::int64_t>(0, figure_of(status, "\nVmData:") - anonymous_bytes(status));
  rlimit limit{};
  if (status.empty() || getrlimit(RLIMIT_DATA, &limit) != 0) {
    return fail({.kind = ErrorKind::Other,
                 .message = "--enforce-limit does not work here: the system does not tell how much "
                            "memory is mapped"});
  }
  const std::int64_t most = std::min<std::int64_t>(limit_bytes, INT64_MAX / 2);
  limit.rlim_cur =
      std::min<rlim_t>(limit.rlim_cur, static_cast<rlim_t>(most + untouched + kSlackBytes));
  if (setrlimit(RLIMIT_DATA, &limit) != 0) {
    return fail({.kind = ErrorKind::Other,
                 .message = std::string("--enforce-limit: ") + std::strerror(errno)});
  }
  return {};
}

MemoryPeak::MemoryPeak() : status_file_(open("/proc/self/status", O_RDONLY | O_CLOEXEC)) {}

MemoryPeak::~MemoryPeak() {
  if (status_file_ >= 0) close(status_file_);
}

void MemoryPeak::sample() {
  StatusText text;
  peak_bytes_ = std::max(peak_bytes_, anonymous_bytes(read_status(status_file_, text)));
}

}  // namespace polarway::cli
