#include "core/shared_work.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace polarway {
namespace {

TEST(SharedWork, DoesEveryPieceOnceWhateverHelpThereIs) {
  const auto executor = std::make_shared<Executor>(3);
  for (const int helpers : {0, 1, 7}) {
    for (const std::size_t pieces : {0, 1, 2, 100}) {
      std::vector<std::atomic<int>> done(pieces);
      share_work(pieces, helpers, executor, [&](std::size_t piece) { ++done[piece]; });
      for (const auto& count : done) EXPECT_EQ(count, 1);
    }
  }
  int done = 0;
  share_work(5, 2, nullptr, [&](std::size_t) { ++done; });
  EXPECT_EQ(done, 5);
}

// The executor's only thread is busy until the work is done: no helper comes in time.
TEST(SharedWork, WaitsForNoHelperThatHasNotBegun) {
  std::atomic<bool> is_done = false;  // before the executor, whose end waits for its thread
  const auto executor = std::make_shared<Executor>(1);
  executor->submit([&] {
    while (!is_done) {
    }
  });
  int done = 0;
  share_work(10, 1, executor, [&](std::size_t) { ++done; });
  is_done = true;
  EXPECT_EQ(done, 10);
}

}  // namespace
}  // namespace polarway
