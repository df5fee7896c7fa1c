#include "progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "quantities.h"

namespace polarway::cli {

namespace {

constexpr std::chrono::milliseconds kBetweenDraws{100};
constexpr const char* kEraseLine = "\r\x1b[K";

bool is_wanted(ProgressMode mode) {
  if (mode != ProgressMode::Auto) return mode == ProgressMode::Always;
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string bar(double done, std::size_t width) {
  const auto filled = static_cast<std::size_t>(done * static_cast<double>(width));
  return '[' + std::string(filled, '#') + std::string(width - filled, '.') + ']';
}

std::string eta_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::min(seconds, 359999.0));
  return whole < 3600 ? fmt::format("{}:{:02}", whole / 60, whole % 60)
                      : fmt::format("{}:{:02}:{:02}", whole / 3600, whole % 3600 / 60, whole % 60);
}

}  // namespace

Progress::Progress(ProgressMode mode, std::optional<std::int64_t> size_bytes)
    : is_on_(is_wanted(mode)), size_bytes_(size_bytes) {
  if (size_bytes_ && *size_bytes_ <= 0) size_bytes_.reset();
}

void Progress::update(const StreamingSource& source) {
  if (!is_on_) return;
  const Clock::time_point now = Clock::now();
  if (now < next_draw_) return;
  next_draw_ = now + kBetweenDraws;
  draw(source.stats(), std::chrono::duration<double>(now - start_).count());
}

void Progress::clear() {
  if (!is_drawn_) return;
  std::fputs(kEraseLine, stderr);
  std::fflush(stderr);
  is_drawn_ = false;
}

void Progress::draw(const StreamingStats& stats, double seconds) {
  const auto bytes = static_cast<double>(stats.bytes_read);
  const double per_second = seconds > 0 ? 1 / seconds : 0;

  const std::size_t width = terminal_width() - 1;  // the last column would wrap

  // Most important first: what does not fit is left out from the end.
  std::vector<std::string> parts;
  if (size_bytes_) {
    const double done = std::clamp(bytes / static_cast<double>(*size_bytes_), 0.0, 1.0);
    parts.push_back(bar(done, width < 100 ? 10 : 20) + fmt::format(" {:3.0f} %", 100 * done));
    if (done > 0) parts.push_back("ETA " + eta_text(seconds * (1 - done) / done));
  } else {
    parts.push_back(bytes_text(bytes));
  }
  const auto rows = static_cast<double>(stats.records_processed);
  parts.push_back(short_count_text(rows) + " rows");
  parts.push_back(bytes_text(bytes * per_second) + "/s");
  parts.push_back(fmt::format("memory {}/{}", bytes_text(static_cast<double>(stats.memory_bytes)),
                              bytes_text(static_cast<double>(stats.memory_limit_bytes))));
  parts.push_back(short_count_text(rows * per_second) + " rows/s");
  parts.push_back("chunk " + count_text(stats.chunk_size));

  std::string line;
  for (const std::string& part : parts) {
    if (line.size() + 2 + part.size() > width) break;
    line += (line.empty() ? "" : "  ") + part;
  }
  std::fputs((kEraseLine + line).c_str(), stderr);
  std::fflush(stderr);
  is_drawn_ = true;
}

}  // namespace polarway::cli
