#include <algorithm>
#include <cstddef>
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
    state_->kept.push_back(std::move(reject));
  } catch (const std::bad_alloc&) {
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

std::vector<Reject> RejectChannel::take() {
  const std::lock_guard lock(state_->mutex);
  state_->lease.release();
  return std::exchange(state_->kept, {});
}

}  // namespace polarway
