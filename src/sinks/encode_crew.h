#pragma once

#include <arrow/util/thread_pool.h>

#include <cstddef>
#include <memory>

#include "polarway/executor.h"

namespace polarway {

/// The threads that encode the columns of a Parquet row group: what Arrow's writer hands its
/// columns to, one task each, before it waits for all of them.
///
/// Tasks are collected until there are as many as announced. Then the thread that brought the last
/// one works on them, with helpers from an Executor, and returns when nobody is left to be begun:
/// the writer waits for what others are in the middle of, never for what has not begun. A helper
/// that comes late finds nothing and ends.
///
/// Threads: one owner at a time. A task that throws ends the process, as Arrow has no answer to it.
class EncodeCrew final : public arrow::internal::Executor {
 public:
  /// At most `num_helpers` tasks of `executor` work at the same time.
  EncodeCrew(std::shared_ptr<polarway::Executor> executor, int num_helpers);
  /// Late helpers may outlive it.
  ~EncodeCrew() override;

  /// How many tasks come next. Drops those of an earlier batch that never became complete: none of
  /// them has begun.
  void expect(std::size_t num_tasks);

  int GetCapacity() override { return num_helpers_ + 1; }
  bool OwnsThisThread() override { return false; }

 private:
  struct Shared;
  arrow::Status SpawnReal(arrow::internal::TaskHints hints, arrow::internal::FnOnce<void()> task,
                          arrow::StopToken stop, StopCallback&& on_stop) override;
  void call_helpers();

  std::shared_ptr<polarway::Executor> executor_;
  int num_helpers_;
  std::size_t num_expected_ = 0;
  std::shared_ptr<Shared> shared_;
};

}  // namespace polarway
