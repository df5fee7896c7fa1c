#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace polarway::python {

/// A thread that waits in place of Python's main thread, so that the latter can look for signals
/// meanwhile: only it may run their handlers, and it must not be stuck in a read to do so.
///
/// Threads: run() is for one thread at a time, which holds no GIL.
class Proxy {
 public:
  Proxy() = default;
  /// Waits for the work at hand, which should have been told to stop.
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  /// Does `work` on the thread and returns when it is done. Every 50 ms `look` is called here; when
  /// it answers true, `give_up` is called, once, and should make the work end soon. `work` must
  /// not throw.
  void run(const std::function<void()>& work, const std::function<bool()>& look,
           const std::function<void()>& give_up);

 private:
  void serve();

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* work_ = nullptr;  // null when there is none
  bool ended_ = false;
  std::thread thread_;  // started by the first run()
};

/// Whether the calling thread is the one that runs Python's signal handlers. Needs the GIL.
bool is_main_thread();

/// Takes the GIL and lets Python handle signals. True if a handler raised: the exception is set.
bool signal_raised();

}  // namespace polarway::python
