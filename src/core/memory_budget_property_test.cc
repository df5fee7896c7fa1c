// Random schedules of a budget against a model that only adds and subtracts. A failure prints the
// seed; POLARWAY_SEED=N repeats one.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>
#include <vector>

#include "core/budget_state.h"

namespace polarway {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kLimit = 1'000'000;
// Longer than any machine is slow: a wait that ends by it is a wait that nobody woke.
constexpr std::chrono::milliseconds kForEver = 120s;

std::vector<std::uint32_t> seeds(std::uint32_t count) {
  if (const char* given = std::getenv("POLARWAY_SEED")) {
    return {static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10))};
  }
  std::vector<std::uint32_t> all;
  for (std::uint32_t seed = 1; seed <= count; ++seed) all.push_back(seed);
  return all;
}

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}
  std::int64_t up_to(std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(0, most)(random_);
  }
  // Small ones mostly, now and then one that hardly fits.
  std::int64_t bytes() { return up_to(up_to(7) == 0 ? kLimit : kLimit / 16); }
  LeaseHolder holder() { return static_cast<LeaseHolder>(up_to(kNumLeaseHolders - 1)); }

 private:
  std::mt19937 random_;
};

struct Modelled {
  MemoryLease lease;
  std::int64_t bytes = 0;
  LeaseHolder holder = LeaseHolder::Reader;
};

// A budget and its model, which take the same steps.
class Pair {
 public:
  explicit Pair(std::uint32_t seed) : dice_(seed) {}

  void step() {
    if (leases_.empty()) return reserve();
    switch (dice_.up_to(8)) {
      case 0:
      case 1:
        return reserve();
      case 2:
        return grow(any());
      case 3:
        return shrink(any());
      case 4:
        return split(any());
      case 5:
        return hand_on(any());
      case 6:
        return settle(any());
      case 7:
        return release(any());
      default:
        return set_limit();
    }
  }

  void check() const {
    std::array<std::int64_t, kNumLeaseHolders> held{};
    for (const Modelled& each : leases_) {
      ASSERT_EQ(each.lease.bytes(), each.bytes);
      held[static_cast<std::size_t>(each.holder)] += each.bytes;
    }
    std::int64_t sum = 0;
    for (const std::int64_t bytes : held) sum += bytes;
    ASSERT_EQ(budget_->reserved_bytes(), sum);
    ASSERT_EQ(budget_->used_bytes(), sum);
    ASSERT_EQ(budget_->available_bytes(), std::max<std::int64_t>(0, limit_ - sum));
    ASSERT_EQ(budget_->limit_bytes(), limit_);
    ASSERT_GE(budget_->peak_reserved_bytes(), sum);
    std::int64_t told = 0;
    for (const MemoryHolding& holding : budget_->holdings()) told += holding.bytes;
    ASSERT_EQ(told, sum);
    std::lock_guard lock(budget_->state().mutex);
    ASSERT_EQ(budget_->state().held_bytes, held);
  }

  void end() {
    leases_.clear();
    ASSERT_EQ(budget_->reserved_bytes(), 0);
    ASSERT_TRUE(budget_->holdings().empty());
  }

 private:
  Modelled& any() {
    return leases_[static_cast<std::size_t>(
        dice_.up_to(static_cast<std::int64_t>(leases_.size()) - 1))];
  }
  std::int64_t left() const { return limit_ - budget_->reserved_bytes(); }

  void reserve() {
    const std::int64_t bytes = dice_.bytes();
    const LeaseHolder holder = dice_.holder();
    const bool fits = bytes <= left();
    // A wait of no time is the same request.
    Result<MemoryLease> lease = dice_.up_to(1) == 0 ? budget_->reserve(bytes, holder)
                                                    : budget_->reserve(bytes, holder, 0ms);
    ASSERT_EQ(lease.has_value(), fits);
    if (lease) leases_.push_back({*std::move(lease), bytes, holder});
  }
  void grow(Modelled& one) {
    const std::int64_t more = dice_.bytes();
    const bool fits = more <= left();
    ASSERT_EQ(one.lease.grow(more).has_value(), fits || more == 0);
    if (fits) one.bytes += more;
  }
  void shrink(Modelled& one) {
    const std::int64_t to = dice_.bytes();
    one.lease.shrink_to(to);
    one.bytes = std::min(one.bytes, to);
  }
  void split(Modelled& one) {
    const std::int64_t bytes = dice_.bytes();
    const std::int64_t moved = std::min(one.bytes, bytes);
    one.bytes -= moved;
    Modelled part{one.lease.split(bytes), moved, one.holder};
    leases_.push_back(std::move(part));
  }
  void hand_on(Modelled& one) {
    one.holder = dice_.holder();
    one.lease.hand_to(one.holder);
  }
  void settle(Modelled& one) {
    one.bytes = dice_.bytes();
    one.lease.settle_at(one.bytes);  // may be an overdraft
  }
  void release(Modelled& one) {
    if (dice_.up_to(1) == 0) {
      one.lease.release();
    } else {
      one.lease = MemoryLease();
    }
    std::swap(one, leases_.back());
    leases_.pop_back();
  }
  void set_limit() {
    limit_ = kLimit / 2 + dice_.up_to(kLimit);
    budget_->set_limit(limit_);
  }

  Dice dice_;
  std::int64_t limit_ = kLimit;
  std::shared_ptr<MemoryBudget> budget_ = MemoryBudget::make(kLimit);
  std::vector<Modelled> leases_;
};

TEST(MemoryBudgetProperty, AnyScheduleAddsUpAsTheModelDoes) {
  for (const std::uint32_t seed : seeds(40)) {
    SCOPED_TRACE("POLARWAY_SEED=" + std::to_string(seed));
    Pair pair(seed);
    for (int i = 0; i < 500; ++i) {
      pair.step();
      pair.check();
      if (HasFatalFailure()) return;
    }
    pair.end();
  }
}

// Asks only while it holds nothing, so that no two threads can wait for each other.
void use_budget(MemoryBudget& budget, std::uint32_t seed, std::atomic<int>& not_woken) {
  Dice dice(seed);
  for (int i = 0; i < 300; ++i) {
    Result<MemoryLease> lease = budget.reserve(dice.bytes(), dice.holder(), kForEver);
    if (!lease) {
      ++not_woken;
      return;
    }
    for (std::int64_t steps = dice.up_to(3); steps > 0; --steps) {
      switch (dice.up_to(4)) {
        case 0:
          (void)lease->grow(dice.bytes());  // granted or not
          break;
        case 1:
          lease->shrink_to(dice.bytes());
          break;
        case 2:
          (void)lease->split(dice.bytes());  // and let go of at once
          break;
        case 3:
          lease->settle_at(std::min(dice.bytes(), lease->bytes()));
          break;
        default:
          lease->hand_to(dice.holder());
      }
    }
  }
}

TEST(MemoryBudgetProperty, ThreadsNeverExceedTheLimitAndNobodyWaitsForEver) {
  for (const std::uint32_t seed : seeds(8)) {
    SCOPED_TRACE("POLARWAY_SEED=" + std::to_string(seed));
    const auto budget = MemoryBudget::make(kLimit);
    std::atomic<int> not_woken = 0;
    {
      std::vector<std::jthread> threads;
      for (std::uint32_t i = 0; i < 6; ++i) {
        threads.emplace_back([&, i] { use_budget(*budget, 100 * seed + i, not_woken); });
      }
    }
    EXPECT_EQ(not_woken, 0);
    EXPECT_LE(budget->peak_reserved_bytes(), kLimit);
    EXPECT_GT(budget->peak_reserved_bytes(), kLimit / 2);  // they did get in each other's way
    EXPECT_EQ(budget->reserved_bytes(), 0);
    EXPECT_TRUE(budget->holdings().empty());
  }
}

// So many threads wait for bytes to return.
void wait_for_waiters(MemoryBudget& budget, std::int64_t count) {
  for (;;) {
    {
      std::lock_guard lock(budget.state().mutex);
      if (budget.state().waiting == count) return;
    }
    std::this_thread::yield();
  }
}

TEST(MemoryBudgetProperty, BytesThatReturnWakeEveryoneWhoWaits) {
  constexpr int kWaiters = 8;
  const auto budget = MemoryBudget::make(kLimit);
  MemoryLease all = *budget->reserve(kLimit, LeaseHolder::User);
  std::atomic<int> served = 0;
  std::vector<std::jthread> waiters;
  for (int i = 0; i < kWaiters; ++i) {
    // Each wants more than half: they can only be served one after the other.
    waiters.emplace_back([&] {
      served += budget->reserve(kLimit * 2 / 3, LeaseHolder::Queue, kForEver).has_value() ? 1 : 0;
    });
  }
  wait_for_waiters(*budget, kWaiters);
  EXPECT_EQ(served, 0);
  all.release();
  waiters.clear();
  EXPECT_EQ(served, kWaiters);
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

TEST(MemoryBudgetProperty, AHigherLimitWakesWhoWaits) {
  const auto budget = MemoryBudget::make(kLimit);
  const MemoryLease most = *budget->reserve(kLimit - 1, LeaseHolder::User);
  Result<MemoryLease> lease = fail({});
  {
    const std::jthread waiter(
        [&] { lease = budget->reserve(kLimit, LeaseHolder::Queue, kForEver); });
    wait_for_waiters(*budget, 1);
    budget->set_limit(2 * kLimit);
  }
  EXPECT_TRUE(lease);
}

TEST(MemoryBudgetProperty, AStopEndsEveryWaitAndTakesNothing) {
  constexpr int kWaiters = 4;
  const auto budget = MemoryBudget::make(kLimit);
  MemoryLease all = *budget->reserve(kLimit, LeaseHolder::User);
  std::stop_source stop;
  std::atomic<int> cancelled = 0;
  std::vector<std::jthread> waiters;
  for (int i = 0; i < kWaiters; ++i) {
    waiters.emplace_back([&] {
      const auto lease = budget->reserve(1, LeaseHolder::Queue, kForEver, stop.get_token());
      cancelled += !lease && lease.error().kind == ErrorKind::Cancelled ? 1 : 0;
    });
  }
  wait_for_waiters(*budget, kWaiters);
  stop.request_stop();
  waiters.clear();
  EXPECT_EQ(cancelled, kWaiters);
  EXPECT_EQ(budget->reserved_bytes(), kLimit);
  all.release();
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

}  // namespace
}  // namespace polarway
