#include "transports/retry.h"

#include <gtest/gtest.h>

#include <thread>

namespace polarway {
namespace {

using namespace std::chrono_literals;

constexpr RetryPolicy kPolicy{.attempts = 4, .delay = 100ms, .multiplier = 2.0, .max_delay = 500ms};

TEST(RetrySchedule, TheMostItWaitsDoublesUpToALimitAndEnds) {
  RetrySchedule schedule(kPolicy, [] { return 1.0; });
  EXPECT_EQ(schedule.next(), 100ms);
  EXPECT_EQ(schedule.next(), 200ms);
  EXPECT_EQ(schedule.next(), 400ms);
  EXPECT_EQ(schedule.next(), 500ms);
  EXPECT_EQ(schedule.next(), std::nullopt);
  EXPECT_EQ(schedule.tries(), 5);
}

TEST(RetrySchedule, AWaitIsAnythingBelowTheMost) {
  RetrySchedule never(kPolicy, [] { return 0.0; });
  EXPECT_EQ(never.next(), 0ms);
  RetrySchedule schedule(kPolicy);
  for (int i = 0; i < 4; ++i) EXPECT_LE(*schedule.next(), 500ms);
}

TEST(RetrySchedule, AServersWishIsGrantedUpToTheLimit) {
  RetrySchedule schedule(kPolicy, [] { return 1.0; });
  EXPECT_EQ(schedule.next(300ms), 300ms);
  EXPECT_EQ(schedule.next(1ms), 200ms);
  EXPECT_EQ(schedule.next(1000000000s), 500ms);
}

TEST(RetrySchedule, ProgressCountsAnew) {
  RetrySchedule schedule({.attempts = 1, .delay = 0ms});
  EXPECT_TRUE(schedule.next());
  EXPECT_FALSE(schedule.next());
  schedule.restart();
  EXPECT_TRUE(schedule.next());
}

TEST(RetryBudget, AnOutageEndsRetriesAndSuccessesBringThemBack) {
  RetryBudget budget;
  int retries = 0;
  while (budget.take()) ++retries;
  EXPECT_EQ(retries, RetryBudget::kMostTokens);
  budget.give_back();
  EXPECT_TRUE(budget.take());
  EXPECT_FALSE(budget.take());
}

TEST(WaitFor, AStopEndsIt) {
  std::stop_source stop;
  const auto begin = std::chrono::steady_clock::now();
  std::jthread stopper([&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  });
  EXPECT_FALSE(wait_for(10s, stop.get_token()));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
  EXPECT_TRUE(wait_for(1ms, {}));
}

}  // namespace
}  // namespace polarway
