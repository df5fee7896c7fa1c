#include "adaptive/cost_fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace polarway {
namespace {

// 0.1 ms for the chunk and 1 ms for each megabyte.
double cost(double bytes) { return 0.1 + bytes / 1e6; }

TEST(CostFit, TellsTheFixedCostFromTwoSizes) {
  CostFit fit;
  fit.add(100e3, cost(100e3));
  EXPECT_FALSE(fit.is_known());
  EXPECT_EQ(fit.fixed_ms(), 0);
  EXPECT_EQ(fit.flat_bytes(), 0);
  fit.add(2e6, cost(2e6));
  EXPECT_TRUE(fit.is_known());
  EXPECT_NEAR(fit.fixed_ms(), 0.1, 1e-9);
  // 0.1 ms are 2 % of 5 ms, of which 4.9 go into bytes.
  EXPECT_NEAR(fit.flat_bytes(), 4.9e6, 1);
}

TEST(CostFit, SizesThatAreCloseTellNothing) {
  CostFit fit;
  std::mt19937 random(7);
  std::uniform_real_distribution<double> noise(0.5, 1.5);
  for (int i = 0; i < 100; ++i) fit.add(2e6 * noise(random), 2 * noise(random));
  EXPECT_EQ(fit.fixed_ms(), 0);
  EXPECT_EQ(fit.flat_bytes(), 0);
}

TEST(CostFit, KeepsItsAnswerWhileThereIsNoNewEvidence) {
  CostFit fit;
  fit.add(100e3, cost(100e3));
  fit.add(2e6, cost(2e6));
  const double known = fit.flat_bytes();
  for (int i = 0; i < 100; ++i) fit.add(4e6, cost(4e6) * (i % 2 == 0 ? 0.7 : 1.3));
  EXPECT_NEAR(fit.flat_bytes(), known, known * 0.5);
  const double last = fit.flat_bytes();
  fit.forget();
  fit.add(4e6, 100);
  EXPECT_EQ(fit.flat_bytes(), last);
}

TEST(CostFit, ASlowSmallChunkBesideAFastOneIsAnAccident) {
  CostFit fit;
  fit.add(100e3, 5);
  fit.add(100e3, cost(100e3));
  fit.add(2e6, cost(2e6));
  EXPECT_NEAR(fit.fixed_ms(), 0.1, 1e-9);
}

TEST(CostFit, ASlowLargeChunkIsOutvoted) {
  CostFit fit;
  fit.add(100e3, cost(100e3));
  fit.add(2e6, 50);
  EXPECT_EQ(fit.fixed_ms(), 0);  // nothing points at a fixed cost
  for (int i = 0; i < 3; ++i) fit.add(2e6, cost(2e6));
  EXPECT_NEAR(fit.fixed_ms(), 0.1, 1e-9);
}

TEST(CostFit, WhereBytesCostNothingNoChunkIsLargeEnough) {
  CostFit fit;
  fit.add(100e3, 50);
  fit.add(2e6, 50);
  EXPECT_NEAR(fit.fixed_ms(), 50, 1e-9);
  EXPECT_GT(fit.flat_bytes(), 1e12);
}

TEST(CostFit, LeavesOutWhatIsNoMeasurement) {
  CostFit fit;
  fit.add(0, 1);
  fit.add(100, -1);
  fit.add(100, NAN);
  fit.add(100e3, cost(100e3));
  fit.add(2e6, cost(2e6));
  EXPECT_NEAR(fit.fixed_ms(), 0.1, 1e-9);
}

}  // namespace
}  // namespace polarway
