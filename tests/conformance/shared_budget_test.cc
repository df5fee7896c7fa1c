// Several streams under one limit (fault M9): the sum is bounded, shares are fair, what one does
// not want the others borrow and give back, and nobody starves.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "polarway/stream.h"
#include "support/toy_reader.h"

namespace polarway {
namespace {

using ::polarway::testing::Toy;
using ::polarway::testing::ToyReader;

constexpr std::int64_t kLimit = 24'000'000;

Result<StreamingSource> open_toy(const std::shared_ptr<MemoryBudget>& budget,
                                 std::int64_t chunk_rows, std::int64_t rows = 10'000'000) {
  return AdaptiveStreamBuilder("toy",
                               [rows]() -> Result<std::unique_ptr<SourceReader>> {
                                 return std::make_unique<ToyReader>(Toy{.rows = rows});
                               })
      .open(
          SourceConfig("toy").with_budget(budget).with_chunk_size(chunk_rows).with_prefetch(false));
}

std::int64_t next_bytes(StreamingSource& source) {
  const Result<std::optional<DataFrame>> chunk = source.read_chunk();
  if (!chunk || !*chunk) {
    ADD_FAILURE() << (chunk ? "at its end" : chunk.error().to_string());
    return 0;
  }
  return (**chunk).num_bytes();
}

TEST(SharedBudget, TwoGreedyStreamsHaveEqualChunksAndGiveBackWhatTheyBorrowed) {
  const auto budget = MemoryBudget::make(kLimit);
  auto one = open_toy(budget, 1'000'000);
  ASSERT_TRUE(one);
  const std::int64_t alone = next_bytes(*one);
  {
    auto two = open_toy(budget, 1'000'000);
    ASSERT_TRUE(two);
    const std::int64_t shared_one = next_bytes(*one);
    const std::int64_t shared_two = next_bytes(*two);
    EXPECT_LT(shared_one, alone * 7 / 10) << "given back with the next chunk";
    EXPECT_LE(shared_one, shared_two * 3 / 2);
    EXPECT_LE(shared_two, shared_one * 3 / 2);
  }
  EXPECT_GT(next_bytes(*one), alone * 7 / 10) << "alone again";
  EXPECT_LE(budget->peak_reserved_bytes(), kLimit);
}

TEST(SharedBudget, WhatAModestStreamLeavesTheOtherBorrows) {
  const auto budget = MemoryBudget::make(kLimit);
  auto modest = open_toy(budget, 100);
  auto greedy = open_toy(budget, 1'000'000);
  ASSERT_TRUE(modest && greedy);
  (void)next_bytes(*greedy);  // the modest one has not said yet what it wants
  const std::int64_t before = next_bytes(*greedy);
  EXPECT_LE(next_bytes(*modest), 100'000);
  EXPECT_GT(next_bytes(*greedy), before * 3 / 2);
}

TEST(SharedBudget, BesideAnotherWhoseChunksAreAllKeptAStreamStillComesToItsEnd) {
  const auto budget = MemoryBudget::make(kLimit);
  auto kept = open_toy(budget, 50'000);
  auto other = open_toy(budget, 50'000, 1'000'000);
  ASSERT_TRUE(kept && other);
  std::vector<DataFrame> hoard;
  for (;;) {
    Result<std::optional<DataFrame>> chunk = kept->read_chunk();
    if (!chunk) {
      EXPECT_EQ(chunk.error().kind, ErrorKind::MemoryLimit);
      EXPECT_THAT(chunk.error().to_string(), ::testing::HasSubstr("you hold"));
      break;
    }
    ASSERT_TRUE(*chunk) << "everything fitted";
    hoard.push_back(**std::move(chunk));
  }
  std::int64_t rows = 0;
  for (Result<DataFrame>& chunk : *other) {
    ASSERT_TRUE(chunk) << chunk.error().to_string();
    rows += chunk->height();
  }
  EXPECT_EQ(rows, 1'000'000);
  EXPECT_LE(budget->peak_reserved_bytes(), kLimit);
}

}  // namespace
}  // namespace polarway
