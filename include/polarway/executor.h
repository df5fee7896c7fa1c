#pragma once

#include <functional>
#include <memory>

#include "polarway/export.h"

namespace polarway {

/// The threads that streams read ahead on. One per process unless a program makes its own.
///
/// The law: no task waits for a task that has not begun. Thread-safe.
class POLARWAY_EXPORT Executor {
 public:
  /// `num_threads` >= 1 threads with 512 KiB stacks, started when first needed.
  explicit Executor(int num_threads);
  /// Runs no further task, and waits for those that have begun.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// The process's own, with one thread per core (or POLARWAY_THREADS).
  static const std::shared_ptr<Executor>& global();

  /// Queues a task. False, and the task dropped, when no thread could be started: the caller does
  /// the work itself then. The task must not throw.
  bool submit(std::function<void()> task);

  /// How many tasks may run at the same time.
  int num_threads() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace polarway
