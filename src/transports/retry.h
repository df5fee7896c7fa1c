#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <stop_token>

namespace polarway {

/// How often, and how patiently, what failed is tried again.
struct RetryPolicy {
  std::int64_t attempts = 3;  ///< Tries after the first.
  std::chrono::milliseconds delay{500};
  double multiplier = 2.0;
  std::chrono::milliseconds max_delay{60'000};
};

/// Keeps an outage from becoming a storm: what fails takes from it, what succeeds gives back, and
/// when it is empty nothing is tried again.
///
/// Threads: one at a time.
class RetryBudget {
 public:
  static constexpr int kMostTokens = 50;
  bool take() { return tokens_ > 0 ? --tokens_, true : false; }
  void give_back() { tokens_ += tokens_ < kMostTokens ? 1 : 0; }

 private:
  int tokens_ = kMostTokens;
};

/// The tries of one request: exponential backoff with full jitter.
///
/// Threads: one at a time.
class RetrySchedule {
 public:
  /// `random` gives numbers in [0, 1).
  explicit RetrySchedule(const RetryPolicy& policy, std::function<double()> random = jitter());

  /// How long to wait before the next try; nothing when there is none left. A server's wish, if it
  /// had one, is granted up to max_delay.
  std::optional<std::chrono::milliseconds> next(
      std::optional<std::chrono::milliseconds> wish = std::nullopt);
  /// Tries so far, the first included.
  std::int64_t tries() const { return retries_ + 1; }
  /// There was progress: counts anew.
  void restart();

 private:
  static std::function<double()> jitter();

  RetryPolicy policy_;
  std::function<double()> random_;
  std::int64_t retries_ = 0;
  double ceiling_ms_;
};

/// Waits; false when a stop came first.
bool wait_for(std::chrono::milliseconds time, const std::stop_token& stop);

}  // namespace polarway
