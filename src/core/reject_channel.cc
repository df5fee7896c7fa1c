#include <algorithm>
#include <cstddef>
#include <iterator>
#include <mutex>
#include <new>
#include <utility>

#include "core/reject_bytes.h"
#include "polarway/source.h"

namespace polarway {

namespace {

constexpr std::size_t kMostKept = 10'000;

}  // namespace

struct RejectChannel::State {
  std::mutex mutex;
  std::shared_ptr<MemoryBudget> budget;
  MemoryLease lease;
  std::vector<Reject> kept;
  std::vector<std::int64_t> numbers;  // of those: how many were counted up to each
  std::int64_t count = 0;

  // Whether the budget, if there is one, pays for so many bytes more.
  bool pay(std::int64_t bytes) {
    if (budget == nullptr) return true;
    if (lease.bytes() + bytes > budget->limit_bytes() / kRejectShare) return false;
    if (lease) return lease.grow(bytes).has_value();
    Result<MemoryLease> first = budget->reserve(bytes, LeaseHolder::Reject);
    if (first) lease = *std::move(first);
    return first.has_value();
  }
};

RejectChannel::RejectChannel(std::shared_ptr<MemoryBudget> budget)
    : state_(std::make_unique<State>()) {
  state_->budget = std::move(budget);
}

RejectChannel::~RejectChannel() = default;

void RejectChannel::add(Reject reject) {
  const std::lock_guard lock(state_->mutex);
  ++state_->count;
  if (state_->kept.size() >= kMostKept) return;
  if (reject.raw.size() > kLongestRaw) {
    reject.raw.resize(kLongestRaw);
    reject.raw.shrink_to_fit();
  }
  const std::int64_t bytes = bytes_of(reject);
  if (!state_->pay(bytes)) return;
  try {
    state_->numbers.push_back(state_->count);
    state_->kept.push_back(std::move(reject));
  } catch (const std::bad_alloc&) {
    state_->numbers.resize(state_->kept.size());
    state_->lease.shrink_to(state_->lease.bytes() - bytes);
  }
}

void RejectChannel::count_one() {
  const std::lock_guard lock(state_->mutex);
  ++state_->count;
}

std::int64_t RejectChannel::count() const {
  const std::lock_guard lock(state_->mutex);
  return state_->count;
}

std::vector<Reject> RejectChannel::take(std::int64_t count) {
  const std::lock_guard lock(state_->mutex);
  auto& [mutex, budget, lease, kept, numbers, total] = *state_;
  const auto first = std::upper_bound(numbers.begin(), numbers.end(), count) - numbers.begin();
  std::vector<Reject> later(std::make_move_iterator(kept.begin() + first),
                            std::make_move_iterator(kept.end()));
  kept.resize(static_cast<std::size_t>(first));
  numbers.erase(numbers.begin(), numbers.begin() + first);
  std::int64_t bytes = 0;
  for (const Reject& reject : later) bytes += bytes_of(reject);
  if (lease) bytes > 0 ? lease.shrink_to(bytes) : lease.release();
  return std::exchange(kept, std::move(later));
}

}  // namespace polarway
