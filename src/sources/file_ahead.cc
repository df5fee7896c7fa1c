#include "sources/file_ahead.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "core/out_of_memory.h"
#include "polarway/executor.h"

namespace polarway {

// Outlives its owner: a thread may come to it when nobody wants it any more.
struct FileAhead::Task {
  enum class Phase : std::uint8_t { Queued, Running, Done, Dropped };

  std::mutex mutex;
  std::condition_variable done;
  Phase phase = Phase::Queued;
  Start start;
  StartedFile file;

  void run() {
    std::unique_lock lock(mutex);
    if (phase != Phase::Queued) return;
    phase = Phase::Running;
    lock.unlock();
    file.columns = guard([this] { return start(*file.decoder); });
    lock.lock();
    phase = Phase::Done;
    done.notify_all();
  }
};

void FileAhead::begin(std::int64_t file, std::unique_ptr<Decoder> decoder,
                      const ScanRequest& request, Start start, const Context& context) {
  drop();
  if (!context.parallel || !context.executor || context.executor->num_threads() < 2) return;
  constexpr std::int64_t kTaken = 4;  // of so many parts of the free memory one is taken
  const std::int64_t bytes = decoder->working_set_bytes(request);
  if (context.budget->available_bytes() < kTaken * bytes) return;
  Result<MemoryLease> lease = context.budget->reserve(bytes, LeaseHolder::Reader);
  if (!lease) return;
  auto task = std::make_shared<Task>();
  task->start = std::move(start);
  task->file = {.lease = *std::move(lease), .decoder = std::move(decoder), .columns = {}};
  if (!context.executor->submit([task] { task->run(); })) return;
  file_ = file;
  task_ = std::move(task);
}

std::optional<StartedFile> FileAhead::take(std::int64_t file) {
  if (task_ == nullptr || file_ != file) return std::nullopt;
  const std::shared_ptr<Task> task = std::exchange(task_, nullptr);
  std::unique_lock lock(task->mutex);
  if (task->phase == Task::Phase::Queued) {
    task->phase = Task::Phase::Dropped;
    const StartedFile unwanted = std::move(task->file);  // gives its lease back now
    return std::nullopt;
  }
  task->done.wait(lock, [&] { return task->phase == Task::Phase::Done; });
  StartedFile started = std::move(task->file);
  if (!started.columns && started.columns.error().retryable()) return std::nullopt;
  return started;
}

void FileAhead::drop() { static_cast<void>(take(file_)); }

}  // namespace polarway
