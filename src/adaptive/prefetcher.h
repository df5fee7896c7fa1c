#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

#include "adaptive/chunk_reader.h"
#include "polarway/executor.h"

namespace polarway {

/// Runs a ChunkReader ahead of its caller: up to `depth` chunks wait in a queue while the caller
/// works. Reading ahead pauses while memory is over `pause_above` of the limit and resumes below
/// `resume_below`; what the caller asks for in between is read at once, in its own thread.
///
/// No task waits for a task: reading ahead gives up where it would have to wait for memory, and a
/// caller that finds its task not yet begun does the work itself.
///
/// Threads: one caller at a time; the counters from any thread.
class Prefetcher {
 public:
  /// `depth` 0 reads nothing ahead.
  Prefetcher(std::unique_ptr<ChunkReader> reader, const StreamOptions& options, std::int64_t depth,
             std::shared_ptr<Executor> executor, std::shared_ptr<MemoryBudget> budget);
  /// As close().
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// The next chunk; nothing at the end, which stays the end. Final errors repeat.
  Result<std::optional<Chunk>> take(std::stop_token stop);
  /// Drops what was read ahead, ends what is being read, and waits for that.
  void close();
  /// Runs `use` on the reader while nothing else does.
  template <class Use>
  auto with_reader(Use use) {
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait(lock, [&] { return !shared_->reading; });
    return use(*shared_->reader);
  }

  /// False once take() can only say the end or the same error again.
  bool has_more() const;
  /// Time in which reading ahead was paused.
  double paused_ms() const;
  /// Time chunks waited for the caller.
  double queued_ms() const;
  const ChunkReader& reader() const { return *shared_->reader; }
  ChunkReader& reader() { return *shared_->reader; }

 private:
  using Clock = std::chrono::steady_clock;

  struct Waiting {
    Chunk chunk;
    Clock::time_point since;
  };

  // Shared with the task that reads ahead, which may outlive a moved or dying prefetcher.
  struct Shared {
    mutable std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_ptr<ChunkReader> reader;  // used by whoever set `reading`
    std::shared_ptr<MemoryBudget> budget;
    StreamOptions options;
    std::int64_t depth = 0;
    std::list<Waiting> queue;  // moves in and out without asking for memory
    bool reading = false;      // a thread is in the reader
    std::uint64_t ticket = 0;  // of the task that may read; another number calls it off
    bool task_waits = false;   // a task with this ticket was queued and has not begun
    bool at_end = false;
    std::optional<SourceError> error;  // what comes after the queue
    bool paused = false;
    Clock::time_point paused_since;
    double paused_ms = 0;
    double queued_ms = 0;
    std::stop_source stop;
    bool closed = false;
  };

  static void read_ahead(const std::shared_ptr<Shared>& shared, std::uint64_t ticket);
  // With the mutex held, and a chunk in hand that must not be lost: they do not throw.
  void schedule() noexcept;
  void update_pause(std::vector<Decision>& decisions) noexcept;
  void tell_pause(bool pause, double usage, double stall, std::vector<Decision>& decisions) const;

  std::shared_ptr<Executor> executor_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace polarway
