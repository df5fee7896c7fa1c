#include <arrow/memory_pool.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>
#include <vector>

#include "core/budget_state.h"

namespace polarway {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST(MemoryBudget, GrantsWhatThereIsAndRefusesTheRest) {
  const auto budget = MemoryBudget::make(1000);
  auto lease = budget->reserve(600, LeaseHolder::Reader);
  ASSERT_TRUE(lease);
  EXPECT_EQ(budget->reserved_bytes(), 600);
  EXPECT_EQ(budget->available_bytes(), 400);
  EXPECT_DOUBLE_EQ(budget->usage(), 0.6);
  const auto refused = budget->reserve(401, LeaseHolder::Queue);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::MemoryLimit);
  EXPECT_TRUE(refused.error().retryable());
  EXPECT_EQ(refused.error().memory->limit_bytes, 1000);
  EXPECT_EQ(refused.error().memory->used_bytes, 600);
  EXPECT_EQ(refused.error().memory->needed_bytes, 401);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("reader"));
  lease->release();
  EXPECT_EQ(budget->reserved_bytes(), 0);
  EXPECT_EQ(budget->peak_reserved_bytes(), 600);
}

TEST(MemoryLease, GrowsShrinksSplitsAndMoves) {
  const auto budget = MemoryBudget::make(1000);
  MemoryLease lease = *budget->reserve(100, LeaseHolder::Reader);
  EXPECT_TRUE(lease.grow(200));
  EXPECT_EQ(lease.bytes(), 300);
  EXPECT_FALSE(lease.grow(701));
  EXPECT_EQ(lease.bytes(), 300);  // as it was
  lease.shrink_to(250);
  EXPECT_EQ(budget->reserved_bytes(), 250);
  MemoryLease part = lease.split(100);
  EXPECT_EQ(part.bytes() + lease.bytes(), 250);
  part.hand_to(LeaseHolder::User);
  EXPECT_EQ(budget->reserved_bytes(), 250);
  MemoryLease moved = std::move(lease);
  EXPECT_FALSE(lease);  // NOLINT(bugprone-use-after-move): the law under test
  moved = std::move(part);
  EXPECT_EQ(budget->reserved_bytes(), 100);
  moved.settle_at(2000);  // an overdraft
  EXPECT_EQ(budget->reserved_bytes(), 2000);
  EXPECT_EQ(budget->available_bytes(), 0);
  EXPECT_FALSE(budget->reserve(1, LeaseHolder::Reader));
}

TEST(MemoryBudget, WaitsForWhatOthersGiveBack) {
  const auto budget = MemoryBudget::make(1000);
  MemoryLease lease = *budget->reserve(900, LeaseHolder::Reader);
  std::jthread giver([&] {
    std::this_thread::sleep_for(20ms);
    lease.release();
  });
  EXPECT_TRUE(budget->reserve(500, LeaseHolder::Queue, 10s));
}

TEST(MemoryBudget, StopsWaitingInTimeAndOnRequest) {
  const auto budget = MemoryBudget::make(1000);
  const MemoryLease lease = *budget->reserve(900, LeaseHolder::User);
  EXPECT_EQ(budget->reserve(500, LeaseHolder::Queue, 5ms).error().kind, ErrorKind::MemoryLimit);
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(10ms);
    stop.request_stop();
  });
  EXPECT_EQ(budget->reserve(500, LeaseHolder::Queue, 10s, stop.get_token()).error().kind,
            ErrorKind::Cancelled);
  // What can never fit is not waited for.
  EXPECT_EQ(budget->reserve(1001, LeaseHolder::Queue, 10s).error().kind, ErrorKind::MemoryLimit);
}

TEST(MemoryBudget, AHigherLimitLetsWaitersIn) {
  const auto budget = MemoryBudget::make(1000);
  budget->set_limit(100);
  EXPECT_FALSE(budget->reserve(500, LeaseHolder::Queue));
  budget->set_limit(2000);
  EXPECT_TRUE(budget->reserve(1500, LeaseHolder::Queue));
}

TEST(MemoryBudget, OfAProcessCountsWhatIsOutsideOfAnyAccount) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer takes memory of its own for every byte of ours";
#endif
  const auto budget = MemoryBudget::make(std::int64_t{8} << 30, MemoryScope::Process);
  const std::int64_t before = budget->unaccounted_bytes();
  EXPECT_GT(before, 1 << 20);
  std::vector<char> ballast(64 << 20, 1);
  budget->refresh();
  EXPECT_GE(budget->unaccounted_bytes(), before + (60 << 20)) << ballast[1];
  // What the pool holds is paid by leases, not counted twice.
  std::uint8_t* data = nullptr;
  ASSERT_TRUE(budget->arrow_pool()->Allocate(32 << 20, &data).ok());
  std::fill(data, data + (32 << 20), 1);
  const std::int64_t with_ballast = budget->unaccounted_bytes();
  budget->refresh();
  // AddressSanitizer keeps an eighth of it beside.
  EXPECT_LE(budget->unaccounted_bytes(), with_ballast + (8 << 20));
  budget->arrow_pool()->Free(data, 32 << 20);
}

// The property: no schedule of reserve, grow, split and release exceeds the limit, none deadlocks,
// and in the end everything is back.
TEST(MemoryBudget, NoScheduleExceedsTheLimit) {
  static constexpr std::int64_t kLimit = 10'000;
  const auto budget = MemoryBudget::make(kLimit);
  std::vector<std::jthread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&budget, t] {
      std::mt19937 random(t);
      std::vector<MemoryLease> leases;
      for (int step = 0; step < 20'000; ++step) {
        const auto bytes = static_cast<std::int64_t>(random() % 3000);
        switch (random() % 5) {
          case 0:
            if (auto lease = budget->reserve(bytes, LeaseHolder::Queue))
              leases.push_back(*std::move(lease));
            break;
          case 1:
            if (!leases.empty()) (void)leases.back().grow(bytes);
            break;
          case 2:
            if (!leases.empty()) leases.push_back(leases.front().split(bytes));
            break;
          case 3:
            if (!leases.empty()) leases.back().hand_to(LeaseHolder::User);
            break;
          default:
            if (!leases.empty()) leases.erase(leases.begin());
        }
        ASSERT_LE(budget->reserved_bytes(), kLimit);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(budget->reserved_bytes(), 0);
  EXPECT_LE(budget->peak_reserved_bytes(), kLimit);
  EXPECT_TRUE(budget->holdings().empty());
}

TEST(MemoryAvailable, IsSomething) {
  EXPECT_GT(memory_available(), 1 << 20);
  EXPECT_GT(MemoryBudget::default_limit_bytes(), 1 << 20);
  EXPECT_LT(MemoryBudget::default_limit_bytes(), memory_available());
}

}  // namespace
}  // namespace polarway
