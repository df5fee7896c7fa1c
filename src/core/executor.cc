#include "polarway/executor.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/thread.h"

namespace polarway {

namespace {

using Task = std::function<void()>;

constexpr std::size_t kStackBytes = 512 << 10;
constexpr int kMostThreads = 1024;

int default_num_threads() {
  const char* given = std::getenv("POLARWAY_THREADS");
  const std::string_view text = given == nullptr ? "" : given;
  int threads = 0;
  const auto got = std::from_chars(text.data(), text.data() + text.size(), threads);
  const bool valid = got.ec == std::errc() && got.ptr == text.data() + text.size();
  if (!valid || threads < 1) threads = static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(threads, 1, kMostThreads);
}

}  // namespace

struct Executor::State {
  std::mutex mutex;
  std::condition_variable has_news;  // a task, or stopping
  std::deque<Task> queue;
  std::vector<pthread_t> threads;
  std::size_t num_idle = 0;  // threads that wait for news
  bool stopping = false;
  int num_threads = 1;
  // Threads do not survive fork(), and a mutex may be copied while it is held: in a child process
  // nothing of this is touched.
  pid_t process = getpid();

  bool is_forked_copy() const { return process != getpid(); }

  // Needs the mutex.
  bool start_thread(const std::shared_ptr<State>& self) {
    threads.reserve(threads.size() + 1);
    // The thread shares the state: a task may drop the last reference to its executor.
    const std::optional<pthread_t> thread =
        polarway::start_thread("polarway", kStackBytes, [self] { self->work(); });
    if (thread) threads.push_back(*thread);
    return thread.has_value();
  }

  void work() noexcept {
    std::unique_lock lock(mutex);
    for (;;) {
      ++num_idle;
      has_news.wait(lock, [this] { return stopping || !queue.empty(); });
      --num_idle;
      if (stopping) return;
      Task task = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      task();
      task = nullptr;  // what it holds goes before the next one starts, and not under the lock
      lock.lock();
    }
  }
};

Executor::Executor(int num_threads) : state_(std::make_shared<State>()) {
  state_->num_threads = std::clamp(num_threads, 1, kMostThreads);
}

Executor::~Executor() {
  if (state_->is_forked_copy()) {
    new std::shared_ptr<State>(
        std::move(state_));  // destroying it could wait for threads that are not
    return;
  }
  std::deque<Task> dropped;
  std::vector<pthread_t> threads;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    dropped.swap(state_->queue);
    threads.swap(state_->threads);
  }
  state_->has_news.notify_all();
  for (const pthread_t thread : threads) {
    if (pthread_equal(thread, pthread_self()) != 0) {
      pthread_detach(thread);  // one of our own tasks dropped the last reference
    } else {
      pthread_join(thread, nullptr);
    }
  }
}

const std::shared_ptr<Executor>& Executor::global() {
  // Never destroyed: streams in other static objects may outlive any static object here.
  static const auto* executor =
      new std::shared_ptr<Executor>(std::make_shared<Executor>(default_num_threads()));
  return *executor;
}

bool Executor::submit(std::function<void()> task) {
  if (state_->is_forked_copy()) return false;
  try {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping) return false;
    const bool all_busy = state_->num_idle <= state_->queue.size();
    const bool may_start = static_cast<int>(state_->threads.size()) < state_->num_threads;
    if (all_busy && may_start && !state_->start_thread(state_) && state_->threads.empty())
      return false;
    state_->queue.push_back(std::move(task));
  } catch (const std::exception&) {  // no memory for the queue
    return false;
  }
  state_->has_news.notify_one();
  return true;
}

int Executor::num_threads() const { return state_->num_threads; }

}  // namespace polarway
