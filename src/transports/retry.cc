#include "transports/retry.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace polarway {

std::function<double()> RetrySchedule::jitter() {
  return [] {
    thread_local std::minstd_rand engine{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

RetrySchedule::RetrySchedule(const RetryPolicy& policy, std::function<double()> random)
    : policy_(policy),
      random_(std::move(random)),
      ceiling_ms_(static_cast<double>(policy.delay.count())) {}

void RetrySchedule::restart() {
  retries_ = 0;
  ceiling_ms_ = static_cast<double>(policy_.delay.count());
}

std::optional<std::chrono::milliseconds> RetrySchedule::next(
    std::optional<std::chrono::milliseconds> wish) {
  if (retries_ >= policy_.attempts) return std::nullopt;
  ++retries_;
  const double most = static_cast<double>(policy_.max_delay.count());
  const std::chrono::milliseconds own(
      static_cast<std::int64_t>(random_() * std::min(ceiling_ms_, most)));
  ceiling_ms_ = std::min(ceiling_ms_ * policy_.multiplier, most);
  return wish ? std::min(std::max(*wish, own), policy_.max_delay) : own;
}

bool wait_for(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace polarway
