#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "polarway/stream.h"

namespace polarway::cli {

/// When to show progress.
enum class ProgressMode {
  Auto,    ///< When stderr is a terminal.
  Always,  ///< Also when it is not.
  Never,
};

/// One line on stderr that is drawn again and again, at most ten times a second.
///
/// Everything else that is printed on stderr must wait for clear().
class Progress {
 public:
  /// `size_bytes` of the source, if known, makes it a bar with an end.
  Progress(ProgressMode mode, std::optional<std::int64_t> size_bytes);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Draws if it is time to.
  void update(const StreamingSource& source);
  /// Removes the line.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  void draw(const StreamingStats& stats, double seconds);

  bool is_on_;
  bool is_drawn_ = false;
  std::optional<std::int64_t> size_bytes_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_draw_ = start_;
};

}  // namespace polarway::cli
