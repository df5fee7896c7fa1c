#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "polarway/executor.h"

namespace polarway {

/// Pieces that several threads work on, for an owner who fills them and takes them back in order.
/// No task waits here: a helper without work ends. The owner works along.
///
/// Threads: one owner at a time, not always the same thread.
template <class Piece>
class OrderedCrew {
 public:
  /// `work` is called for one piece at a time from any thread, and for several at the same time; it
  /// must not throw. At most `num_helpers` tasks of `executor` work at the same time.
  OrderedCrew(std::vector<Piece> pieces, std::function<void(Piece&)> work,
              std::shared_ptr<Executor> executor, int num_helpers)
      : executor_(std::move(executor)),
        num_helpers_(num_helpers),
        shared_(std::make_shared<Shared>(std::move(work))) {
    for (Piece& piece : pieces) shared_->slots.push_back({.piece = std::move(piece)});
  }
  /// Ends what has begun; what has not is dropped.
  ~OrderedCrew() {
    std::unique_lock lock(shared_->mutex);
    shared_->num_begun = shared_->num_filled;
    shared_->owner_waits = true;
    shared_->progress.wait(lock, [&] { return shared_->num_busy == 0; });
    shared_->slots.clear();  // a helper that begins late keeps nothing of them
  }
  OrderedCrew(const OrderedCrew&) = delete;
  OrderedCrew& operator=(const OrderedCrew&) = delete;

  /// Whether all pieces are filled.
  bool is_full() const { return num_filled_ - num_taken_ == std::ssize(shared_->slots); }
  /// Whether none is.
  bool is_empty() const { return num_filled_ == num_taken_; }

  /// The piece to fill next, where there is one; it is the owner's until push().
  Piece& free_piece() { return slot(num_filled_).piece; }
  /// Has it worked on.
  void push() {
    std::unique_lock lock(shared_->mutex);
    slot(num_filled_).is_done = false;
    shared_->num_filled = ++num_filled_;
    if (shared_->num_helpers >= num_helpers_) return;
    ++shared_->num_helpers;
    lock.unlock();
    const bool comes = executor_->submit([shared = shared_] {
      std::unique_lock helper_lock(shared->mutex);
      while (shared->work_one(helper_lock)) {
      }
      --shared->num_helpers;
    });
    if (comes) return;
    lock.lock();
    --shared_->num_helpers;
  }

  /// The oldest piece, done; the owner's until pop(). There is one.
  Piece& front() {
    std::unique_lock lock(shared_->mutex);
    Slot& oldest = slot(num_taken_);
    while (!oldest.is_done) {
      if (shared_->work_one(lock)) continue;
      shared_->owner_waits = true;
      shared_->progress.wait(lock, [&] { return oldest.is_done; });
      shared_->owner_waits = false;
    }
    return oldest.piece;
  }
  /// Lets go of it.
  void pop() { ++num_taken_; }

 private:
  struct Slot {
    Piece piece;
    bool is_done = false;
  };
  struct Shared {
    explicit Shared(std::function<void(Piece&)> its_work) : work(std::move(its_work)) {}

    const std::function<void(Piece&)> work;
    std::mutex mutex;
    std::condition_variable progress;
    std::vector<Slot> slots;  // of the pieces in turn
    std::int64_t num_filled = 0;
    std::int64_t num_begun = 0;
    int num_busy = 0;
    int num_helpers = 0;  // queued or at work
    bool owner_waits = false;

    // With the mutex. False when there is nothing to begin.
    bool work_one(std::unique_lock<std::mutex>& lock) {
      if (num_begun == num_filled) return false;
      Slot& slot = slots[static_cast<std::size_t>(num_begun++) % slots.size()];
      ++num_busy;
      lock.unlock();
      work(slot.piece);
      lock.lock();
      --num_busy;
      slot.is_done = true;
      if (owner_waits) progress.notify_one();
      return true;
    }
  };

  Slot& slot(std::int64_t number) {
    return shared_->slots[static_cast<std::size_t>(number) % shared_->slots.size()];
  }

  std::shared_ptr<Executor> executor_;
  int num_helpers_;
  std::shared_ptr<Shared> shared_;  // with helpers, which may begin late
  std::int64_t num_filled_ = 0;     // the owner's own count
  std::int64_t num_taken_ = 0;
};

}  // namespace polarway
