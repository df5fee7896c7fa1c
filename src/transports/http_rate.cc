#include "transports/http_rate.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace polarway {
namespace {

std::optional<std::int64_t> integer(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 0) return std::nullopt;
  return value;
}

std::optional<std::int64_t> integer(const HttpHeaders& answer, std::string_view name) {
  const std::optional<std::string_view> text = answer.find(name);
  return text ? integer(*text) : std::nullopt;
}

// `name`=number in `field`, where the name stands for itself.
std::optional<std::int64_t> parameter(std::string_view field, std::string_view name) {
  for (std::size_t at = field.find(name); at != std::string_view::npos;
       at = field.find(name, at + 1)) {
    const char before = at == 0 ? ' ' : field[at - 1];
    if (before != ' ' && before != ',' && before != ';') continue;
    std::string_view rest = field.substr(at + name.size());
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    if (rest.starts_with('=')) return integer(rest.substr(1));
  }
  return std::nullopt;
}

// Seconds from now on, or since 1970, which no quota is long.
std::chrono::milliseconds until(std::int64_t reset, WallTime now) {
  constexpr std::int64_t kSince1970 = 100'000'000;
  constexpr std::int64_t kMilliseconds = 100'000'000'000;
  if (reset < kSince1970) return std::chrono::seconds(reset);
  if (reset >= kMilliseconds) reset /= 1000;
  return std::max(std::chrono::milliseconds(0),
                  std::chrono::duration_cast<std::chrono::milliseconds>(wall_time(reset) - now));
}

}  // namespace

std::optional<std::chrono::milliseconds> quota_wait(const HttpHeaders& answer, WallTime now) {
  for (const auto& [remaining, reset] :
       {std::pair("X-RateLimit-Remaining", "X-RateLimit-Reset"),
        std::pair("RateLimit-Remaining", "RateLimit-Reset"),
        std::pair("X-Rate-Limit-Remaining", "X-Rate-Limit-Reset")}) {
    const std::optional<std::int64_t> left = integer(answer, remaining);
    const std::optional<std::int64_t> renewed = integer(answer, reset);
    if (left == 0 && renewed) return until(*renewed, now);
  }
  const std::string field = answer.joined("RateLimit");
  for (const auto& [remaining, reset] : {std::pair("remaining", "reset"), std::pair("r", "t")}) {
    const std::optional<std::int64_t> left = parameter(field, remaining);
    const std::optional<std::int64_t> renewed = parameter(field, reset);
    if (left == 0 && renewed) return until(*renewed, now);
  }
  return std::nullopt;
}

std::chrono::milliseconds HttpRate::wait(Time now) const {
  if (next_ <= now) return std::chrono::milliseconds(0);
  return std::chrono::ceil<std::chrono::milliseconds>(next_ - now);
}

void HttpRate::sent(Time now) {
  if (!requests_per_second_) return;
  const auto interval = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(1.0 / *requests_per_second_));
  next_ = std::max(next_, now) + interval;
}

void HttpRate::block(std::chrono::milliseconds time, Time now) {
  next_ = std::max(next_, now + std::min(time, max_wait_));
}

void HttpRate::observe(const HttpHeaders& answer, Time now, WallTime wall_now) {
  if (const auto retry_after = answer.find("Retry-After")) {
    if (const auto time = parse_retry_after(*retry_after, wall_now)) block(*time, now);
  }
  if (const auto time = quota_wait(answer, wall_now)) block(*time, now);
}

}  // namespace polarway
