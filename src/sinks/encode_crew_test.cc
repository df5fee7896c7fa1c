#include "sinks/encode_crew.h"

#include <arrow/util/parallel.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace polarway {
namespace {

arrow::Status for_each(EncodeCrew& crew, int num_tasks,
                       const std::function<arrow::Status(int)>& task) {
  crew.expect(static_cast<std::size_t>(num_tasks));
  return arrow::internal::ParallelFor(num_tasks, task, &crew);
}

TEST(EncodeCrew, DoesEveryTaskOnceBatchAfterBatch) {
  const auto executor = std::make_shared<Executor>(3);
  EncodeCrew crew(executor, 3);
  for (const int num_tasks : {1, 2, 10, 300, 1}) {
    for (int batch = 0; batch < 50; ++batch) {
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(num_tasks));
      ASSERT_TRUE(for_each(crew, num_tasks, [&](int i) {
                    ++done[static_cast<std::size_t>(i)];
                    return arrow::Status::OK();
                  }).ok());
      for (const auto& times : done) ASSERT_EQ(times, 1);
    }
  }
}

TEST(EncodeCrew, WaitsForNoHelperThatHasNotBegun) {
  std::atomic<bool> go{false};  // before the executor, whose end waits for its thread
  const auto executor = std::make_shared<Executor>(1);
  ASSERT_TRUE(executor->submit([&] { go.wait(false); }));  // its only thread is busy until the end
  {
    EncodeCrew crew(executor, 1);
    const std::thread::id us = std::this_thread::get_id();
    ASSERT_TRUE(for_each(crew, 20, [&](int) {
                  EXPECT_EQ(std::this_thread::get_id(), us);
                  return arrow::Status::OK();
                }).ok());
  }
  go = true;
  go.notify_all();  // the late helper finds nothing, and no crew
}

TEST(EncodeCrew, IsHelpedByThreadsThatAreFree) {
  EncodeCrew crew(std::make_shared<Executor>(1), 1);
  std::atomic<int> num_inside{0};
  ASSERT_TRUE(for_each(crew, 2, [&](int) {
                ++num_inside;
                num_inside.notify_all();
                for (int n = num_inside; n < 2; n = num_inside) num_inside.wait(n);
                return arrow::Status::OK();  // only when both tasks are at work
              }).ok());
}

TEST(EncodeCrew, DropsABatchThatNeverBecameComplete) {
  EncodeCrew crew(std::make_shared<Executor>(1), 1);
  crew.expect(2);
  bool begun = false;
  ASSERT_TRUE(crew.Spawn([&] { begun = true; }).ok());
  ASSERT_TRUE(for_each(crew, 3, [](int) { return arrow::Status::OK(); }).ok());
  EXPECT_FALSE(begun);
}

}  // namespace
}  // namespace polarway
