#include "sources/file_ahead.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "core/out_of_memory.h"
#include "polarway/executor.h"

namespace polarway {

// Outlives its owner: a thread may come to it when nobody wants it any more.
struct FileAhead::Task {
  enum class Phase : std::uint8_t { Queued, Running, Done };

  std::int64_t number = 0;
  std::mutex mutex;
  std::condition_variable done;
  Phase phase = Phase::Queued;
  Start start;
  StartedFile file;
  Result<void> result;

  // Unless another thread has come to it.
  void run() {
    std::unique_lock lock(mutex);
    if (phase != Phase::Queued) return;
    phase = Phase::Running;
    lock.unlock();
    result = guard([this] { return start(file); });
    lock.lock();
    phase = Phase::Done;
    done.notify_all();
  }
  bool is_done() {
    const std::lock_guard lock(mutex);
    return phase == Phase::Done;
  }
  void wait() {
    std::unique_lock lock(mutex);
    done.wait(lock, [this] { return phase == Phase::Done; });
  }
  // Nobody runs it any more, and what it has is given back now.
  void drop() {
    std::unique_lock lock(mutex);
    if (phase == Phase::Queued) phase = Phase::Done;
    done.wait(lock, [this] { return phase == Phase::Done; });
    const StartedFile unwanted = std::move(file);
  }
};

bool FileAhead::begin(std::int64_t file, std::unique_ptr<Decoder> decoder,
                      const ScanRequest& request, std::int64_t more_bytes, Start start,
                      const Context& context) {
  if (!context.parallel || !context.executor || context.executor->num_threads() < 2) return false;
  constexpr std::int64_t kTaken = 4;  // of so many parts of the free memory one is taken
  const std::int64_t bytes = decoder->working_set_bytes(request) + more_bytes;
  if (context.budget->available_bytes() < kTaken * bytes) return false;
  Result<MemoryLease> lease = context.budget->reserve(bytes, LeaseHolder::Reader);
  if (!lease) return false;
  auto task = std::make_shared<Task>();
  task->number = file;
  task->start = std::move(start);
  task->file.lease = *std::move(lease);
  task->file.decoder = std::move(decoder);
  if (!context.executor->submit([task] { task->run(); })) return false;
  tasks_.push_back(std::move(task));
  return true;
}

std::optional<Result<StartedFile>> FileAhead::take(std::int64_t file) {
  for (; !tasks_.empty() && tasks_.front()->number < file; tasks_.pop_front()) {
    tasks_.front()->drop();
  }
  if (tasks_.empty() || tasks_.front()->number != file) return std::nullopt;
  const std::shared_ptr<Task> task = std::move(tasks_.front());
  tasks_.pop_front();
  task->run();
  for (const std::shared_ptr<Task>& later : tasks_) {
    if (task->is_done()) break;
    later->run();
  }
  task->wait();
  StartedFile started = std::move(task->file);
  if (task->result) return started;
  if (task->result.error().retryable()) return std::nullopt;
  return fail(std::move(task->result.error()));
}

void FileAhead::drop() {
  for (const std::shared_ptr<Task>& task : tasks_) task->drop();
  tasks_.clear();
}

}  // namespace polarway
