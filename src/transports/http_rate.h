#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "transports/http_headers.h"

namespace polarway {

/// When the next request may be sent: as often as the user allows, and not before the server wants
/// it. No I/O and no clock of its own.
///
/// Threads: one at a time.
class HttpRate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `max_wait` bounds what a server can demand.
  HttpRate(std::optional<double> requests_per_second, std::chrono::milliseconds max_wait)
      : requests_per_second_(requests_per_second), max_wait_(max_wait) {}

  /// How long until a request may be sent; 0: now.
  std::chrono::milliseconds wait(Time now) const;
  /// One was sent.
  void sent(Time now);
  /// What an answer says: Retry-After, and when nothing is left of a quota, when it is renewed
  /// (X-RateLimit-Remaining and -Reset; RateLimit-Remaining and -Reset; RateLimit of either draft).
  void observe(const HttpHeaders& answer, Time now, WallTime wall_now);

 private:
  void block(std::chrono::milliseconds time, Time now);

  std::optional<double> requests_per_second_;
  std::chrono::milliseconds max_wait_;
  Time next_{};
};

/// When a quota of which nothing is left is renewed, by the fields of an answer; nothing where
/// there is something left, or nothing is said.
std::optional<std::chrono::milliseconds> quota_wait(const HttpHeaders& answer, WallTime now);

}  // namespace polarway
