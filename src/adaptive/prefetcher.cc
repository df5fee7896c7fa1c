#include "adaptive/prefetcher.h"

#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <new>

#include "core/out_of_memory.h"

namespace polarway {

Prefetcher::Prefetcher(std::unique_ptr<ChunkReader> reader, const StreamOptions& options,
                       std::int64_t depth, std::shared_ptr<Executor> executor,
                       std::shared_ptr<MemoryBudget> budget)
    : executor_(std::move(executor)), shared_(std::make_shared<Shared>()) {
  shared_->reader = std::move(reader);
  shared_->budget = std::move(budget);
  shared_->options = options;
  shared_->depth = depth;
}

Prefetcher::~Prefetcher() { close(); }

void Prefetcher::close() {
  std::unique_lock lock(shared_->mutex);
  shared_->closed = true;
  shared_->stop.request_stop();
  ++shared_->ticket;
  shared_->task_waits = false;
  shared_->changed.wait(lock, [&] { return !shared_->reading; });
  // A task called off may still lie in the executor's queue and hold what is shared: what is to be
  // given back now must not hang on that.
  const std::shared_ptr<MemoryBudget> budget = std::move(shared_->budget);
  std::list<Waiting> queue;
  queue.swap(shared_->queue);
  const std::unique_ptr<ChunkReader> reader = std::move(shared_->reader);
  lock.unlock();
}

bool Prefetcher::has_more() const {
  std::lock_guard lock(shared_->mutex);
  if (shared_->closed) return false;
  if (!shared_->queue.empty()) return true;
  return !shared_->at_end && !shared_->error;
}

double Prefetcher::paused_ms() const {
  std::lock_guard lock(shared_->mutex);
  double ms = shared_->paused_ms;
  if (shared_->paused) {
    ms += std::chrono::duration<double, std::milli>(Clock::now() - shared_->paused_since).count();
  }
  return ms;
}

double Prefetcher::queued_ms() const {
  std::lock_guard lock(shared_->mutex);
  return shared_->queued_ms;
}

void Prefetcher::read_ahead(const std::shared_ptr<Shared>& shared, std::uint64_t ticket) {
  std::unique_lock lock(shared->mutex);
  if (shared->ticket != ticket || shared->reading) return;  // called off
  shared->task_waits = false;
  while (!shared->closed && !shared->at_end && !shared->error &&
         static_cast<std::int64_t>(shared->queue.size()) < shared->depth) {
    shared->reading = true;
    lock.unlock();
    std::list<Waiting> arrived;
    Result<std::optional<Chunk>> chunk =
        shared->reader->next(ChunkReader::Patience::Ahead, shared->stop.get_token());
    bool is_lost = false;
    try {
      if (chunk && *chunk) arrived.push_back({**std::move(chunk), Clock::now()});
    } catch (const std::bad_alloc&) {
      is_lost = true;
    }
    lock.lock();
    shared->reading = false;
    if (is_lost) {
      shared->error = out_of_memory();
      break;
    }
    // Whatever can be tried again is tried again when the caller asks, with more patience.
    if (!chunk && chunk.error().retryable()) break;
    if (!chunk) {
      shared->error = std::move(chunk.error());
    } else if (!*chunk) {
      shared->at_end = true;
    } else {
      shared->queue.splice(shared->queue.end(), arrived);
    }
    shared->changed.notify_all();
  }
  shared->changed.notify_all();
}

void Prefetcher::schedule() noexcept {
  Shared& shared = *shared_;
  if (shared.depth == 0 || shared.closed || shared.paused || shared.at_end || shared.error ||
      shared.reading || shared.task_waits ||
      static_cast<std::int64_t>(shared.queue.size()) >= shared.depth) {
    return;
  }
  const std::uint64_t ticket = ++shared.ticket;
  try {
    shared.task_waits =
        executor_->submit([shared = shared_, ticket] { read_ahead(shared, ticket); });
  } catch (const std::bad_alloc&) {
    shared.task_waits = false;  // then nothing is read ahead this time
  }
}

// Hysteresis over the budget's usage, and over how much the kernel makes tasks wait for memory,
// which tells of a shortage before bytes do. Both edges are decisions that the trace shows.
void Prefetcher::update_pause(std::vector<Decision>& decisions) noexcept {
  constexpr double kStalled = 0.20;
  constexpr double kNoLongerStalled = 0.05;
  Shared& shared = *shared_;
  const double usage = shared.budget->usage();
  const double stall = shared.budget->stall_share();
  const bool is_full = usage > shared.options.pause_above;
  const bool pause = !shared.paused && (is_full || stall > kStalled);
  const bool resume =
      shared.paused && usage < shared.options.resume_below && stall < kNoLongerStalled;
  if (!pause && !resume) return;
  shared.paused = pause;
  if (pause) shared.paused_since = Clock::now();
  if (resume) {
    shared.paused_ms +=
        std::chrono::duration<double, std::milli>(Clock::now() - shared.paused_since).count();
  }
  try {
    tell_pause(pause, usage, stall, decisions);
  } catch (const std::bad_alloc&) {
    // A decision that nobody hears of is better than a chunk that is lost.
  }
}

void Prefetcher::tell_pause(bool pause, double usage, double stall,
                            std::vector<Decision>& decisions) const {
  const Shared& shared = *shared_;
  Decision decision = decisions.empty() ? Decision{} : decisions.back();
  decision.rows_before = decision.rows_after;
  decision.usage = usage;
  decision.limit_bytes = shared.budget->limit_bytes();
  decision.rule = pause ? "pause" : "resume";
  const std::string used = fmt::format("memory is at {:.0f} % of the limit", usage * 100);
  if (!pause) {
    decision.sentence = fmt::format("{}, under {:.0f} %: reading ahead again", used,
                                    shared.options.resume_below * 100);
  } else if (usage > shared.options.pause_above) {
    decision.sentence = fmt::format("{}, over {:.0f} %: nothing is read ahead", used,
                                    shared.options.pause_above * 100);
  } else {
    decision.sentence = fmt::format(
        "tasks stood still for memory {:.0f} % of the time: nothing is read ahead", stall * 100);
  }
  decisions.push_back(std::move(decision));
}

Result<std::optional<Chunk>> Prefetcher::take(std::stop_token stop) {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  for (;;) {
    if (shared.closed) return std::nullopt;
    if (!shared.queue.empty()) {
      Chunk next = std::move(shared.queue.front().chunk);
      shared.queued_ms +=
          std::chrono::duration<double, std::milli>(Clock::now() - shared.queue.front().since)
              .count();
      shared.queue.pop_front();
      update_pause(next.decisions);
      schedule();
      return next;
    }
    if (shared.error) return fail(*shared.error);
    if (shared.at_end) return std::nullopt;
    if (!shared.reading) break;
    const bool free =
        shared.changed.wait(lock, stop, [&] { return !shared.queue.empty() || !shared.reading; });
    if (!free) {
      return fail(
          {.kind = ErrorKind::Cancelled, .message = "stopped while waiting for the next chunk"});
    }
  }
  // Nobody reads: do it here, and call off a task that has not begun.
  ++shared.ticket;
  shared.task_waits = false;
  shared.reading = true;
  lock.unlock();
  Result<std::optional<Chunk>> chunk = shared.reader->next(ChunkReader::Patience::Now, stop);
  lock.lock();
  shared.reading = false;
  shared.changed.notify_all();
  if (!chunk) {
    if (!chunk.error().retryable()) shared.error = chunk.error();
    return chunk;
  }
  if (!*chunk) {
    shared.at_end = true;
    return chunk;
  }
  update_pause((**chunk).decisions);
  schedule();
  return chunk;
}

}  // namespace polarway
