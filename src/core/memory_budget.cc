#include <algorithm>

#include "core/budget_state.h"
#include "core/memory_governor.h"
#include "core/memory_probe.h"
#include "polarway/memory.h"

namespace polarway {
namespace {

const char* holder_name(LeaseHolder holder) {
  switch (holder) {
    case LeaseHolder::Reader:
      return "the reader";
    case LeaseHolder::Queue:
      return "the queue";
    case LeaseHolder::Sink:
      return "the sink";
    case LeaseHolder::Frame:
      return "computation";
    case LeaseHolder::Reject:
      return "rejected rows";
    case LeaseHolder::User:
      return "you";
  }
  return "unknown";
}

const char* purpose(LeaseHolder holder) {
  switch (holder) {
    case LeaseHolder::Reader:
      return "the reader's working set";
    case LeaseHolder::Queue:
      return "the next chunk";
    case LeaseHolder::Sink:
      return "the sink's buffers";
    case LeaseHolder::Frame:
      return "the result of a computation";
    case LeaseHolder::Reject:
      return "a rejected row";
    case LeaseHolder::User:
      return "a delivered chunk";
  }
  return "this";
}

// Call with the mutex held.
std::vector<MemoryHolding> holdings_of(const MemoryBudget::State& state) {
  std::vector<MemoryHolding> result;
  for (int i = 0; i < kNumLeaseHolders; ++i) {
    const auto holder = static_cast<LeaseHolder>(i);
    const std::int64_t bytes = state.held_bytes[static_cast<std::size_t>(i)];
    if (bytes == 0) continue;
    const std::int64_t chunks = holder == LeaseHolder::User ? state.chunks_held.load() : 0;
    result.push_back({holder_name(holder), bytes, chunks});
  }
  if (state.unaccounted_bytes > 0) {
    result.push_back({"untracked memory of the process", state.unaccounted_bytes, 0});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  return result;
}

// Call with the mutex held.
SourceError shortage(const MemoryBudget::State& state, std::int64_t bytes, LeaseHolder holder) {
  const bool user_holds =
      state.held_bytes[static_cast<std::size_t>(LeaseHolder::User)] > state.limit_bytes / 4;
  return {
      .kind = ErrorKind::MemoryLimit,
      .message = std::string("no room for ") + purpose(holder),
      .hint = user_holds ? "let go of chunks before reading on, or raise the memory limit"
              : state.is_room_short
                  ? "the machine or its memory cgroup has no more room: end other work, or raise "
                    "the cgroup's limit"
                  : "raise the memory limit, or lower the chunk size",
      .memory = MemoryShortage{state.limit_bytes, state.reserved_bytes + state.unaccounted_bytes,
                               bytes, holdings_of(state)}};
}

}  // namespace

std::int64_t memory_available() {
  MemoryProbe probe;
  std::int64_t available = probe.host_available_bytes();
  if (const auto cgroup = probe.cgroup_available_bytes()) available = std::min(available, *cgroup);
  if (const auto data = probe.rlimit_available_bytes()) available = std::min(available, *data);
  return std::max<std::int64_t>(0, available);
}

MemoryLease::MemoryLease(std::shared_ptr<MemoryBudget> budget, std::int64_t bytes,
                         LeaseHolder holder)
    : budget_(std::move(budget)), bytes_(bytes), holder_(holder) {}

MemoryLease::MemoryLease(MemoryLease&& other) noexcept
    : budget_(std::move(other.budget_)),
      bytes_(std::exchange(other.bytes_, 0)),
      holder_(other.holder_) {
  other.budget_ = nullptr;
}

MemoryLease& MemoryLease::operator=(MemoryLease&& other) noexcept {
  if (this != &other) {
    release();
    budget_ = std::exchange(other.budget_, nullptr);
    bytes_ = std::exchange(other.bytes_, 0);
    holder_ = other.holder_;
  }
  return *this;
}

MemoryLease::~MemoryLease() { release(); }

Result<void> MemoryLease::grow(std::int64_t more_bytes) {
  if (more_bytes <= 0 || !budget_) return {};
  POLARWAY_TRY(MemoryLease more, budget_->reserve(more_bytes, holder_));
  bytes_ += std::exchange(more.bytes_, 0);
  return {};
}

void MemoryLease::settle_at(std::int64_t bytes) {
  if (!budget_) return;
  if (bytes <= bytes_) return shrink_to(bytes);
  std::lock_guard lock(budget_->state_->mutex);
  budget_->state_->add(bytes - bytes_, holder_);
  bytes_ = bytes;
}

void MemoryLease::shrink_to(std::int64_t bytes) {
  if (!budget_ || bytes >= bytes_) return;
  {
    std::lock_guard lock(budget_->state_->mutex);
    budget_->state_->add(bytes - bytes_, holder_);
  }
  bytes_ = bytes;
  budget_->state_->given_back.notify_all();
}

MemoryLease MemoryLease::split(std::int64_t bytes) {
  const std::int64_t moved = std::clamp<std::int64_t>(bytes, 0, bytes_);
  bytes_ -= moved;
  return MemoryLease(budget_, moved, holder_);
}

void MemoryLease::hand_to(LeaseHolder holder) {
  if (budget_ && holder != holder_) {
    std::lock_guard lock(budget_->state_->mutex);
    budget_->state_->held_bytes[static_cast<std::size_t>(holder_)] -= bytes_;
    budget_->state_->held_bytes[static_cast<std::size_t>(holder)] += bytes_;
  }
  holder_ = holder;
}

void MemoryLease::release() {
  shrink_to(0);
  budget_ = nullptr;
}

MemoryBudget::MemoryBudget(std::unique_ptr<State> state) : state_(std::move(state)) {
  state_->governor->watch(*state_);
}

MemoryBudget::~MemoryBudget() { state_->governor->forget(*state_); }

std::shared_ptr<MemoryBudget> MemoryBudget::make(std::int64_t limit_bytes, MemoryScope scope) {
  return make(limit_bytes, scope, MemoryGovernor::global());
}

std::shared_ptr<MemoryBudget> MemoryBudget::make(std::int64_t limit_bytes, MemoryScope scope,
                                                 MemoryGovernor& governor) {
  auto state = std::make_unique<State>();
  state->scope = scope;
  state->asked_limit_bytes = std::max<std::int64_t>(1, limit_bytes);
  state->limit_bytes = state->asked_limit_bytes;
  state->governor = &governor;
  return std::shared_ptr<MemoryBudget>(new MemoryBudget(std::move(state)));
}

std::int64_t MemoryBudget::default_limit_bytes() {
  return std::max<std::int64_t>(1, memory_available() / 10 * 6);
}

void MemoryBudget::set_limit(std::int64_t limit_bytes) {
  {
    std::lock_guard lock(state_->mutex);
    state_->asked_limit_bytes = std::max<std::int64_t>(1, limit_bytes);
    state_->apply_limit();
  }
  state_->given_back.notify_all();
}

Result<MemoryLease> MemoryBudget::reserve(std::int64_t bytes, LeaseHolder holder) {
  return reserve(bytes, holder, std::chrono::milliseconds(0));
}

Result<MemoryLease> MemoryBudget::reserve(std::int64_t bytes, LeaseHolder holder,
                                          std::chrono::milliseconds timeout, std::stop_token stop) {
  std::unique_lock lock(state_->mutex);
  if (!state_->fits(bytes)) {
    lock.unlock();
    state_->purge();
    lock.lock();
  }
  const auto fits = [&] { return state_->fits(bytes); };
  const bool may_ever_fit = bytes <= state_->limit_bytes - state_->unaccounted_bytes;
  if (timeout.count() > 0 && may_ever_fit && !fits()) {
    ++state_->waiting;
    state_->given_back.wait_for(lock, stop, timeout, fits);
    --state_->waiting;
  }
  if (state_->grants(bytes, holder)) {
    state_->add(bytes, holder);
    return MemoryLease(shared_from_this(), bytes, holder);
  }
  if (stop.stop_requested()) {
    return fail({.kind = ErrorKind::Cancelled, .message = "stopped while waiting for memory"});
  }
  return fail(shortage(*state_, bytes, holder));
}

std::int64_t MemoryBudget::limit_bytes() const {
  std::lock_guard lock(state_->mutex);
  return state_->limit_bytes;
}

std::int64_t MemoryBudget::reserved_bytes() const {
  std::lock_guard lock(state_->mutex);
  return state_->reserved_bytes;
}

std::int64_t MemoryBudget::peak_reserved_bytes() const {
  std::lock_guard lock(state_->mutex);
  return state_->peak_reserved_bytes;
}

std::int64_t MemoryBudget::unaccounted_bytes() const {
  std::lock_guard lock(state_->mutex);
  return state_->unaccounted_bytes;
}

std::int64_t MemoryBudget::used_bytes() const {
  std::lock_guard lock(state_->mutex);
  return state_->reserved_bytes + state_->unaccounted_bytes;
}

std::int64_t MemoryBudget::peak_used_bytes() const {
  std::lock_guard lock(state_->mutex);
  return state_->peak_used_bytes;
}

std::int64_t MemoryBudget::available_bytes() const {
  std::lock_guard lock(state_->mutex);
  return std::max<std::int64_t>(0, state_->left_bytes());
}

double MemoryBudget::usage() const {
  std::lock_guard lock(state_->mutex);
  return static_cast<double>(state_->reserved_bytes + state_->unaccounted_bytes) /
         static_cast<double>(state_->limit_bytes);
}

double MemoryBudget::stall_share() const {
  std::lock_guard lock(state_->mutex);
  return state_->sample.stall_share;
}

std::int64_t MemoryBudget::chunks_held() const { return state_->chunks_held.load(); }

std::vector<MemoryHolding> MemoryBudget::holdings() const {
  std::lock_guard lock(state_->mutex);
  return holdings_of(*state_);
}

void MemoryBudget::refresh() { state_->governor->sample(); }

arrow::MemoryPool* MemoryBudget::arrow_pool() const { return &state_->pool; }

}  // namespace polarway
