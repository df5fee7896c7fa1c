#include "sinks/encode_crew.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace polarway {

using Task = arrow::internal::FnOnce<void()>;

struct EncodeCrew::Shared {
  std::mutex mutex;
  std::vector<Task> tasks;  // of one batch
  std::size_t num_begun = 0;
  bool is_complete = false;  // nothing may begin before
  int num_helpers = 0;       // queued or at work

  std::size_t num_left() const { return is_complete ? tasks.size() - num_begun : 0; }

  // Does all that nobody has begun.
  void work(std::unique_lock<std::mutex>& lock) noexcept {
    while (num_left() > 0) {
      Task task = std::move(tasks[num_begun++]);
      lock.unlock();
      std::move(task)();
      lock.lock();
    }
  }
};

EncodeCrew::EncodeCrew(std::shared_ptr<polarway::Executor> executor, int num_helpers)
    : executor_(std::move(executor)),
      num_helpers_(num_helpers),
      shared_(std::make_shared<Shared>()) {}

EncodeCrew::~EncodeCrew() { expect(0); }

void EncodeCrew::expect(std::size_t num_tasks) {
  const std::lock_guard lock(shared_->mutex);
  shared_->tasks.clear();
  shared_->tasks.reserve(num_tasks);
  shared_->num_begun = 0;
  shared_->is_complete = false;
  num_expected_ = num_tasks;
}

// A task ends with its future, which the writer waits for; nothing of ours is touched after that.
arrow::Status EncodeCrew::SpawnReal(arrow::internal::TaskHints, Task task, arrow::StopToken,
                                    StopCallback&&) {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->tasks.push_back(std::move(task));
    if (shared_->tasks.size() < num_expected_) return arrow::Status::OK();
    shared_->is_complete = true;
  }
  call_helpers();
  std::unique_lock lock(shared_->mutex);
  shared_->work(lock);
  return arrow::Status::OK();
}

void EncodeCrew::call_helpers() {
  const int wanted = static_cast<int>(
      std::min(static_cast<std::size_t>(num_helpers_), num_expected_ - 1));  // one is for us
  for (;;) {
    {
      const std::lock_guard lock(shared_->mutex);
      if (shared_->num_helpers >= wanted) return;
      ++shared_->num_helpers;
    }
    const bool queued = executor_->submit([shared = shared_] {
      std::unique_lock lock(shared->mutex);
      shared->work(lock);
      --shared->num_helpers;
    });
    if (queued) continue;
    const std::lock_guard lock(shared_->mutex);
    --shared_->num_helpers;
    return;
  }
}

}  // namespace polarway
