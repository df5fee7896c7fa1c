#include "core/memory_governor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "core/budget_state.h"
#include "support/recorded_root.h"

namespace polarway {
namespace {

using ::testing::HasSubstr;
using testing::RecordedRoot;
using namespace std::chrono_literals;

constexpr std::int64_t kMiB = 1 << 20;

// A machine whose figures the test writes.
class Machine {
 public:
  Machine() {
    root_.write("proc/self/cgroup", "0::/box\n");
    root_.write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    root_.write("sys/fs/cgroup/box/memory.stat", "inactive_file 0\nactive_file 0\n");
    uses(10 * kMiB);
    has_left(100'000 * kMiB);
  }
  void uses(std::int64_t bytes) {
    root_.write("proc/self/status",
                "RssAnon:\t" + std::to_string(bytes / 1024) + " kB\nRssShmem:\t0 kB\n");
  }
  void has_left(std::int64_t bytes) {
    root_.write("proc/meminfo", "MemTotal:  131072000 kB\nMemAvailable:  " +
                                    std::to_string(bytes / 1024) + " kB\n");
  }
  void limits_the_group(std::int64_t limit, std::int64_t usage) {
    root_.write("sys/fs/cgroup/box/memory.max", std::to_string(limit) + "\n");
    root_.write("sys/fs/cgroup/box/memory.current", std::to_string(usage) + "\n");
  }
  void has_stalled_for_us(std::int64_t total) {
    root_.write("proc/pressure/memory",
                "some avg10=0.00 avg60=0.00 avg300=0.00 total=" + std::to_string(total) + "\n");
  }
  MemoryProbe probe() const { return root_.probe(); }

 private:
  RecordedRoot root_;
};

TEST(MemoryGovernor, LowersTheLimitWithTheCgroupsAndRaisesItAgain) {
  Machine machine;
  MemoryGovernor governor(machine.probe());
  const auto budget = MemoryBudget::make(600 * kMiB, MemoryScope::Process, governor);
  EXPECT_EQ(budget->limit_bytes(), 600 * kMiB);
  machine.limits_the_group(200 * kMiB, 15 * kMiB);
  governor.sample();
  // A tenth below the group's limit, and the group has 5 MiB of others in it.
  EXPECT_EQ(budget->limit_bytes(), 180 * kMiB - 5 * kMiB);
  machine.limits_the_group(1000 * kMiB, 15 * kMiB);
  governor.sample();
  EXPECT_EQ(budget->limit_bytes(), 600 * kMiB);
}

TEST(MemoryGovernor, MemoryThatEscapedTheAccountShrinksWhatIsLeftAndIsNamed) {
  Machine machine;
  MemoryGovernor governor(machine.probe());
  const auto budget = MemoryBudget::make(64 * kMiB, MemoryScope::Process, governor);
  const MemoryLease lease = *budget->reserve(20 * kMiB, LeaseHolder::Reader);
  machine.uses(50 * kMiB);
  governor.sample();
  EXPECT_GE(budget->unaccounted_bytes(), 50 * kMiB);
  EXPECT_EQ(budget->available_bytes(), 0);
  const auto refused = budget->reserve(kMiB, LeaseHolder::Queue);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("untracked memory of the process holds 5"));

  // Less is believed little by little, since pages of ours may only not have been touched yet.
  machine.uses(10 * kMiB);
  governor.sample();
  EXPECT_GT(budget->unaccounted_bytes(), 40 * kMiB);
  for (int i = 0; i < 200; ++i) governor.sample();
  EXPECT_LT(budget->unaccounted_bytes(), 13 * kMiB);
  EXPECT_TRUE(budget->reserve(kMiB, LeaseHolder::Queue));
}

TEST(MemoryGovernor, ALibrarysBudgetEndsWhereTheMachineDoes) {
  Machine machine;
  MemoryGovernor governor(machine.probe());
  const auto budget = MemoryBudget::make(600 * kMiB, MemoryScope::Accounted, governor);
  machine.uses(5000 * kMiB);  // the host program's own
  governor.sample();
  EXPECT_EQ(budget->limit_bytes(), 600 * kMiB);
  EXPECT_EQ(budget->unaccounted_bytes(), 0);
  machine.limits_the_group(5100 * kMiB, 5050 * kMiB);
  governor.sample();
  EXPECT_EQ(budget->limit_bytes(), 1);  // less than the headroom is left
  const auto refused = budget->reserve(kMiB, LeaseHolder::Queue);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("cgroup has no more room"));
}

TEST(MemoryGovernor, WhatEscapesALibrarysAccountIsItsOwn) {
  Machine machine;
  MemoryGovernor governor(machine.probe());
  const auto budget = MemoryBudget::make(64 * kMiB, MemoryScope::Accounted, governor);
  std::uint8_t* data = nullptr;
  ASSERT_TRUE(budget->arrow_pool()->Allocate(8 * kMiB, &data).ok());
  governor.sample();
  EXPECT_EQ(budget->unaccounted_bytes(), 8 * kMiB);
  {
    const MemoryLease lease = *budget->reserve(8 * kMiB, LeaseHolder::Frame);
    governor.sample();
    EXPECT_EQ(budget->unaccounted_bytes(), 0);
  }
  budget->arrow_pool()->Free(data, 8 * kMiB);
}

TEST(MemoryGovernor, BudgetsShareTheRoomThatIsLeftByTheirLimits) {
  Machine machine;
  MemoryGovernor governor(machine.probe());
  const auto small = MemoryBudget::make(1000 * kMiB, MemoryScope::Accounted, governor);
  const auto large = MemoryBudget::make(3000 * kMiB, MemoryScope::Accounted, governor);
  machine.has_left(256 * kMiB + 400 * kMiB);  // the host keeps 256 MiB for everyone else
  governor.sample();
  EXPECT_EQ(small->limit_bytes(), 100 * kMiB);
  EXPECT_EQ(large->limit_bytes(), 300 * kMiB);
}

TEST(MemoryGovernor, KnowsHowMuchTheKernelMakesTasksWait) {
  Machine machine;
  MemoryGovernor governor(machine.probe());
  const auto budget = MemoryBudget::make(64 * kMiB, MemoryScope::Accounted, governor);
  EXPECT_EQ(budget->stall_share(), 0);
  machine.has_stalled_for_us(1000);
  governor.sample();
  EXPECT_EQ(budget->stall_share(), 0);  // no two figures yet
  machine.has_stalled_for_us(1000 + 3'600'000'000);
  std::this_thread::sleep_for(1ms);
  governor.sample();
  EXPECT_GT(budget->stall_share(), 0);
  EXPECT_LE(budget->stall_share(), 1);
}

TEST(MemoryGovernor, AnswersWaitersWhenThereIsRoomAgain) {
  Machine machine;
  MemoryGovernor governor(machine.probe());
  machine.limits_the_group(64 * kMiB, 50 * kMiB);
  machine.uses(50 * kMiB);
  const auto budget = MemoryBudget::make(600 * kMiB, MemoryScope::Accounted, governor);
  ASSERT_FALSE(budget->reserve(20 * kMiB, LeaseHolder::Queue));
  machine.limits_the_group(640 * kMiB, 50 * kMiB);
  governor.sample();
  EXPECT_TRUE(budget->reserve(20 * kMiB, LeaseHolder::Queue));
}

TEST(MemoryGovernor, NothingIsRefusedForWhatAllocatorsGiveBackWhenAsked) {
  Machine machine;
  MemoryGovernor governor(machine.probe());
  const auto budget = MemoryBudget::make(64 * kMiB, MemoryScope::Process, governor);
  machine.uses(60 * kMiB);
  governor.sample();
  EXPECT_LT(budget->available_bytes(), 10 * kMiB);
  machine.uses(20 * kMiB);  // what the next look finds
  EXPECT_TRUE(budget->reserve(10 * kMiB, LeaseHolder::Queue));
}

TEST(MemoryGovernor, AgesWhatPoolsKeepForReuse) {
  Machine machine;
  MemoryGovernor governor(machine.probe());
  const auto budget = MemoryBudget::make(64 * kMiB, MemoryScope::Accounted, governor);
  std::uint8_t* data = nullptr;
  ASSERT_TRUE(budget->arrow_pool()->Allocate(8 * kMiB, &data).ok());
  budget->arrow_pool()->Free(data, 8 * kMiB);
  EXPECT_EQ(budget->state().pool.bytes_kept(), 8 * kMiB);
  for (std::int64_t i = 0; i < CountingPool::kAges; ++i) governor.sample();
  EXPECT_EQ(budget->state().pool.bytes_kept(), 0);
}

TEST(MemoryGovernor, OfTheProcessSamplesByItself) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer takes memory of its own for every byte of ours";
#endif
  const auto budget = MemoryBudget::make(std::int64_t{8} << 30, MemoryScope::Process);
  const std::int64_t before = budget->unaccounted_bytes();
  const std::vector<char> ballast(64 << 20, 1);
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (budget->unaccounted_bytes() < before + (60 << 20)) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << ballast[1];
    std::this_thread::sleep_for(1ms);
  }
}

// Fault M11: another library in the process takes the memory.
TEST(MemoryGovernor, WhenAnotherLibraryEatsTheMemoryTheErrorSaysSo) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer takes memory of its own for every byte of ours";
#endif
  const auto budget = MemoryBudget::make(std::int64_t{1} << 30, MemoryScope::Process);
  const std::int64_t left = budget->available_bytes();
  const std::vector<char> ballast(static_cast<std::size_t>(left - 8 * kMiB), 1);
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  auto lease = budget->reserve(64 * kMiB, LeaseHolder::Queue);
  while (lease) {  // until the next sample
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << ballast[1];
    lease->release();
    lease = budget->reserve(64 * kMiB, LeaseHolder::Queue);
  }
  EXPECT_THAT(lease.error().to_string(), HasSubstr("untracked memory of the process holds"));
}

}  // namespace
}  // namespace polarway
