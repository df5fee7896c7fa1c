#include "core/shared_work.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace polarway {
namespace {

// Outlives the call: a helper may come when all is done, and then touches nothing else.
struct Pieces {
  std::mutex mutex;
  std::condition_variable rested;
  const std::function<void(std::size_t)>* work = nullptr;
  std::size_t num_pieces = 0;
  std::size_t num_begun = 0;
  int num_busy = 0;  // helpers in the middle of a piece

  void do_all(std::unique_lock<std::mutex>& lock) {
    while (num_begun < num_pieces) {
      const std::size_t piece = num_begun++;
      lock.unlock();
      (*work)(piece);
      lock.lock();
    }
  }
};

}  // namespace

void share_work(std::size_t num_pieces, int num_helpers, const std::shared_ptr<Executor>& executor,
                const std::function<void(std::size_t piece)>& work) {
  const std::size_t most = num_pieces == 0 ? 0 : num_pieces - 1;  // one is for this thread
  const std::size_t wanted =
      executor ? std::min(static_cast<std::size_t>(std::max(0, num_helpers)), most) : 0;
  if (wanted == 0) {
    for (std::size_t piece = 0; piece < num_pieces; ++piece) work(piece);
    return;
  }
  const auto pieces = std::make_shared<Pieces>();
  pieces->work = &work;
  pieces->num_pieces = num_pieces;
  for (std::size_t i = 0; i < wanted; ++i) {
    const bool queued = executor->submit([pieces] {
      std::unique_lock lock(pieces->mutex);
      ++pieces->num_busy;
      pieces->do_all(lock);
      --pieces->num_busy;
      pieces->rested.notify_all();
    });
    if (!queued) break;
  }
  std::unique_lock lock(pieces->mutex);
  pieces->do_all(lock);
  pieces->rested.wait(lock, [&] { return pieces->num_busy == 0; });
}

}  // namespace polarway
