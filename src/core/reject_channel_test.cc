#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "polarway/source.h"

namespace polarway {
namespace {

Reject reject_of_row(std::int64_t row, std::string raw = "1,x") {
  return {.where = {.location = "data.csv", .row = row},
          .message = "\"x\" is not an int64",
          .raw = std::move(raw)};
}

TEST(RejectChannel, KeepsTheFirstTenThousandAndCountsTheRest) {
  RejectChannel rejects(MemoryBudget::make(256 << 20));
  for (int row = 1; row <= 10'500; ++row) rejects.add(reject_of_row(row));
  rejects.count_one();
  EXPECT_EQ(rejects.count(), 10'501);
  const std::vector<Reject> kept = rejects.take();
  ASSERT_EQ(kept.size(), 10'000u);
  EXPECT_EQ(kept.front().where.row, 1);
  EXPECT_EQ(kept.back().where.row, 10'000);
}

TEST(RejectChannel, WhatIsTakenMakesRoomAndStaysCounted) {
  RejectChannel rejects(MemoryBudget::make(64 << 20));
  for (int row = 1; row <= 1'000; ++row) rejects.add(reject_of_row(row));
  EXPECT_EQ(rejects.take().size(), 1'000u);
  EXPECT_TRUE(rejects.take().empty());
  rejects.add(reject_of_row(1'001));
  EXPECT_EQ(rejects.count(), 1'001);
  EXPECT_EQ(rejects.take().at(0).where.row, 1'001);
}

TEST(RejectChannel, ThoseOfTheFirstSoManyCanBeTaken) {
  const auto budget = MemoryBudget::make(64 << 20);
  RejectChannel rejects(budget);
  rejects.count_one();
  for (int row = 2; row <= 5; ++row) rejects.add(reject_of_row(row));
  EXPECT_TRUE(rejects.take(1).empty());
  const std::int64_t all = budget->reserved_bytes();
  const std::vector<Reject> first = rejects.take(3);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first.back().where.row, 3);
  EXPECT_EQ(budget->reserved_bytes(), all / 2);
  EXPECT_EQ(rejects.take().front().where.row, 4);
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

TEST(RejectChannel, TheBudgetPaysUntilTheyAreTaken) {
  const std::shared_ptr<MemoryBudget> budget = MemoryBudget::make(64 << 20);
  {
    RejectChannel rejects(budget);
    for (int row = 1; row <= 100; ++row) rejects.add(reject_of_row(row, std::string(1'000, 'x')));
    EXPECT_GT(budget->reserved_bytes(), 100 * 1'000);
    EXPECT_EQ(budget->holdings().at(0).bytes, budget->reserved_bytes());
    rejects.take();
    EXPECT_EQ(budget->reserved_bytes(), 0);
    rejects.add(reject_of_row(101));
    EXPECT_GT(budget->reserved_bytes(), 0);
  }
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

TEST(RejectChannel, WithoutRoomTheyAreOnlyCounted) {
  const std::shared_ptr<MemoryBudget> budget = MemoryBudget::make(1 << 20);
  RejectChannel rejects(budget);
  rejects.add(reject_of_row(1));
  const auto all = budget->reserve(budget->available_bytes(), LeaseHolder::Queue);
  ASSERT_TRUE(all);
  for (int row = 2; row <= 10; ++row) rejects.add(reject_of_row(row));
  EXPECT_EQ(rejects.count(), 10);
  EXPECT_EQ(rejects.take().size(), 1u);
}

TEST(RejectChannel, KeepsNoMoreThanASixteenthOfTheBudget) {
  const std::shared_ptr<MemoryBudget> budget = MemoryBudget::make(1 << 20);
  RejectChannel rejects(budget);
  for (int row = 1; row <= 1'000; ++row) rejects.add(reject_of_row(row, std::string(900, 'x')));
  EXPECT_EQ(rejects.count(), 1'000);
  EXPECT_GT(budget->reserved_bytes(), 0);
  EXPECT_LE(budget->reserved_bytes(), (1 << 20) / 16);
}

TEST(RejectChannel, RawTextIsKeptToAKibibyte) {
  RejectChannel rejects(nullptr);
  rejects.add(reject_of_row(1, std::string(1 << 20, 'x')));
  EXPECT_EQ(rejects.take().at(0).raw.size(), 1u << 10);
}

TEST(RejectChannel, ManyThreadsMayAdd) {
  RejectChannel rejects(MemoryBudget::make(64 << 20));
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int row = 0; row < 1'000; ++row) rejects.add(reject_of_row(row));
    });
  }
  threads.clear();
  EXPECT_EQ(rejects.count(), 4'000);
  EXPECT_EQ(rejects.take().size(), 4'000u);
}

}  // namespace
}  // namespace polarway
