#pragma once

#include <pthread.h>

#include <atomic>
#include <csignal>
#include <stop_token>

namespace polarway::cli {

/// Turns SIGINT, SIGTERM and SIGHUP into a stop request. A second signal ends the program at once.
///
/// Signals are blocked and waited for by a thread, so that the stop runs as ordinary code. Make it
/// once, first in main(): threads started later inherit the blocked signals. SIGHUP stays ignored
/// if it was when the program started (nohup).
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// Stops when the first signal comes.
  std::stop_token token() const { return stop_.get_token(); }
  /// The first signal that came, or 0.
  int signal() const { return signal_; }

  /// Whether something must be tidied up before the program may end: an unfinished file. While
  /// there is nothing, a program that hangs (in a write to a reader that sleeps) is ended 150 ms
  /// after the signal. True until told otherwise.
  void set_must_tidy_up(bool must) { must_tidy_up_ = must; }

 private:
  static void* wait_for_signals(void* self);
  void wait();

  std::stop_source stop_;
  sigset_t signals_;
  pthread_t thread_{};
  bool has_thread_ = false;
  std::atomic<int> signal_ = 0;
  std::atomic<bool> must_tidy_up_ = true;
  std::atomic<bool> ending_ = false;
};

}  // namespace polarway::cli
