#include "core/budget_seat.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace polarway {
namespace {

TEST(FairShare, IsEverythingForOneAndEqualPartsForTheGreedy) {
  EXPECT_EQ(fair_share(900, {}), 900);
  EXPECT_EQ(fair_share(900, {INT64_MAX, INT64_MAX}), 300);
  EXPECT_EQ(fair_share(0, {5}), 0);
}

TEST(FairShare, WhatTheModestLeaveIsBorrowedByTheOthers) {
  EXPECT_EQ(fair_share(900, {100}), 800);
  EXPECT_EQ(fair_share(900, {100, INT64_MAX}), 400);
  EXPECT_EQ(fair_share(900, {INT64_MAX, 0, 350}), 300);
}

// Max-min: the parts never exceed the whole, and nobody who wants more has less than somebody else.
TEST(FairShare, OfManyNeverExceedsTheWhole) {
  std::mt19937 random(7);
  for (int round = 0; round < 1000; ++round) {
    const std::int64_t total = static_cast<std::int64_t>(random() % 10'000);
    std::vector<std::int64_t> wants(1 + random() % 8);
    for (std::int64_t& want : wants) want = static_cast<std::int64_t>(random() % 4000);
    std::int64_t given = 0;
    std::int64_t largest = 0;
    std::int64_t least_of_unsatisfied = INT64_MAX;
    for (std::size_t i = 0; i < wants.size(); ++i) {
      std::vector<std::int64_t> others = wants;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      const std::int64_t share = fair_share(total, others);
      const std::int64_t part = std::min(share, wants[i]);
      given += part;
      largest = std::max(largest, part);
      if (part < wants[i]) least_of_unsatisfied = std::min(least_of_unsatisfied, part);
    }
    ASSERT_LE(given, total) << "round " << round;
    ASSERT_LE(largest, least_of_unsatisfied) << "round " << round;
  }
}

TEST(BudgetSeat, SharesWithWhoeverSitsAtTheSameBudget) {
  const auto budget = MemoryBudget::make(1'000'000);
  const MemoryLease sink = *budget->reserve(100'000, LeaseHolder::Sink);
  BudgetSeat first(budget);
  EXPECT_EQ(first.share_bytes(), 900'000);
  {
    BudgetSeat second(budget);
    EXPECT_EQ(first.share_bytes(), 450'000);
    second.want(200'000);
    EXPECT_EQ(first.share_bytes(), 700'000);
    EXPECT_EQ(second.share_bytes(), 450'000);
  }
  EXPECT_EQ(first.share_bytes(), 900'000);
}

}  // namespace
}  // namespace polarway
