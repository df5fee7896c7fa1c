#include "transports/http_rate.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

using namespace std::chrono_literals;

const WallTime kWall = WallTime(1'700'000'000s);
const HttpRate::Time kNow{};

HttpHeaders headers(std::initializer_list<std::pair<const char*, const char*>> fields) {
  HttpHeaders made;
  for (const auto& [name, value] : fields) made.add(name, value);
  return made;
}

TEST(HttpRate, InNoSecondAreMoreRequestsThanAllowed) {
  HttpRate rate(10.0, 60s);
  HttpRate::Time now{};
  std::vector<HttpRate::Time> sent;
  for (int i = 0; i < 100; ++i) {
    now += rate.wait(now);
    EXPECT_EQ(rate.wait(now), 0ms);
    rate.sent(now);
    sent.push_back(now);
  }
  for (std::size_t i = 10; i < sent.size(); ++i) EXPECT_GE(sent[i] - sent[i - 10], 1s);
}

TEST(HttpRate, WithoutALimitNothingWaits) {
  HttpRate rate(std::nullopt, 60s);
  rate.sent(kNow);
  EXPECT_EQ(rate.wait(kNow), 0ms);
}

TEST(HttpRate, AQuotaThatIsUsedUpIsWaitedForBeforeTheServerSays429) {
  EXPECT_EQ(
      quota_wait(headers({{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "30"}}), kWall),
      30s);
  EXPECT_EQ(
      quota_wait(headers({{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1700000020"}}),
                 kWall),
      20s);
  EXPECT_EQ(quota_wait(headers({{"RateLimit-Remaining", "0"}, {"RateLimit-Reset", "7"}}), kWall),
            7s);
  EXPECT_EQ(quota_wait(headers({{"RateLimit", "limit=100, remaining=0, reset=5"}}), kWall), 5s);
  EXPECT_EQ(quota_wait(headers({{"RateLimit", "\"default\";r=0;t=9"}}), kWall), 9s);
}

TEST(HttpRate, AQuotaOfWhichSomethingIsLeftIsNotWaitedFor) {
  EXPECT_FALSE(
      quota_wait(headers({{"X-RateLimit-Remaining", "1"}, {"X-RateLimit-Reset", "30"}}), kWall));
  EXPECT_FALSE(quota_wait(headers({{"RateLimit", "\"default\";r=3;t=9"}}), kWall));
  EXPECT_FALSE(quota_wait(headers({{"X-RateLimit-Remaining", "0"}}), kWall));
  EXPECT_FALSE(
      quota_wait(headers({{"X-RateLimit-Remaining", "abc"}, {"X-RateLimit-Reset", "-1"}}), kWall));
}

TEST(HttpRate, NoServerMakesUsWaitForEver) {
  HttpRate rate(std::nullopt, 60s);
  rate.observe(headers({{"Retry-After", "1000000000"}}), kNow, kWall);
  EXPECT_EQ(rate.wait(kNow), 60s);
  EXPECT_EQ(rate.wait(kNow + 61s), 0s);
  rate.observe(
      headers({{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "9223372036854775807"}}),
      kNow + 61s, kWall);
  EXPECT_EQ(rate.wait(kNow + 61s), 60s);
}

}  // namespace
}  // namespace polarway
