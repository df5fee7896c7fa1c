#include "exact_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace polarway::cli {
namespace {

double sum_of(const std::vector<double>& values) {
  ExactSum sum;
  for (const double value : values) sum.add(value);
  return sum.value();
}

TEST(ExactSum, IsTheSameInEveryOrder) {
  std::mt19937_64 random(1);
  std::vector<double> values;
  for (int i = 0; i < 10'000; ++i) {
    const auto mantissa = static_cast<double>(static_cast<std::int64_t>(random()));
    values.push_back(std::ldexp(mantissa, static_cast<int>(random() % 600) - 300));
    values.push_back(-values.back() * (1 + 1e-9));
  }
  const double sum = sum_of(values);
  for (int i = 0; i < 5; ++i) {
    std::shuffle(values.begin(), values.end(), random);
    EXPECT_EQ(sum_of(values), sum);
  }
}

TEST(ExactSum, LosesNothingToALargerNeighbour) {
  EXPECT_EQ(sum_of({1e100, 1, -1e100}), 1);
  EXPECT_EQ(sum_of({0.1, 0.2}), 0.1 + 0.2);
  EXPECT_EQ(sum_of({-0.1, -0.2}), -0.1 - 0.2);
}

TEST(ExactSum, ReachesBothEndsOfTheRange) {
  const double smallest = std::numeric_limits<double>::denorm_min();
  const double largest = std::numeric_limits<double>::max();
  EXPECT_EQ(sum_of({}), 0);
  EXPECT_EQ(sum_of({smallest}), smallest);
  EXPECT_EQ(sum_of({smallest, -smallest}), 0);
  EXPECT_EQ(sum_of({largest, largest, -largest}), largest);
  EXPECT_EQ(sum_of({largest, largest}), std::numeric_limits<double>::infinity());
}

TEST(ExactSum, FollowsIeeeForWhatIsNotFinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(sum_of({1, infinity}), infinity);
  EXPECT_EQ(sum_of({1, -infinity}), -infinity);
  EXPECT_TRUE(std::isnan(sum_of({infinity, -infinity})));
  EXPECT_TRUE(std::isnan(sum_of({std::nan(""), 1})));
}

}  // namespace
}  // namespace polarway::cli
