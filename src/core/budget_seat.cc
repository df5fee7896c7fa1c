#include "core/budget_seat.h"

#include <algorithm>
#include <utility>

#include "core/budget_state.h"

namespace polarway {

std::int64_t fair_share(std::int64_t total, std::vector<std::int64_t> others) {
  std::sort(others.begin(), others.end());
  auto sharing = static_cast<std::int64_t>(others.size()) + 1;
  for (const std::int64_t wanted : others) {
    if (wanted >= total / sharing) break;
    total -= wanted;
    --sharing;
  }
  return total / sharing;
}

BudgetSeat::BudgetSeat(std::shared_ptr<MemoryBudget> budget) : budget_(std::move(budget)) {
  MemoryBudget::State& state = budget_->state();
  const std::lock_guard lock(state.mutex);
  state.seats.push_back(this);
}

BudgetSeat::~BudgetSeat() {
  MemoryBudget::State& state = budget_->state();
  const std::lock_guard lock(state.mutex);
  std::erase(state.seats, this);
}

void BudgetSeat::want(std::int64_t bytes) {
  const std::lock_guard lock(budget_->state().mutex);
  wanted_bytes_ = bytes;
}

std::int64_t BudgetSeat::share_bytes() const {
  const MemoryBudget::State& state = budget_->state();
  const std::lock_guard lock(state.mutex);
  std::int64_t for_chunks = state.limit_bytes - state.unaccounted_bytes;
  for (const LeaseHolder other : {LeaseHolder::Reader, LeaseHolder::Sink, LeaseHolder::Reject}) {
    for_chunks -= state.held_bytes[static_cast<std::size_t>(other)];
  }
  if (state.seats.size() == 1) return std::max<std::int64_t>(0, for_chunks);
  std::vector<std::int64_t> others;
  for (const BudgetSeat* seat : state.seats) {
    if (seat != this) others.push_back(seat->wanted_bytes_);
  }
  return fair_share(std::max<std::int64_t>(0, for_chunks), std::move(others));
}

}  // namespace polarway
