#include "adaptive/chunk_sizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace polarway {
namespace {

using ::testing::HasSubstr;

ChunkObservation seen(std::int64_t rows, double usage, double rows_per_ms = 100) {
  return {.chunk = 0,
          .rows = rows,
          .read_ms = static_cast<double>(rows) / rows_per_ms,
          .usage = usage,
          .limit_bytes = 1 << 20};
}

TEST(ChunkSizer, HalvesAboveEightyPercent) {
  ChunkSizer sizer({}, 1000, 1'000'000);
  const Decision decision = sizer.observe(seen(1000, 0.81));
  EXPECT_EQ(decision.rule, "shrink");
  EXPECT_EQ(decision.rows_before, 1000);
  EXPECT_EQ(decision.rows_after, 500);
  EXPECT_EQ(sizer.rows(), 500);
  EXPECT_THAT(decision.sentence, HasSubstr("over 80 %"));
}

TEST(ChunkSizer, DoesNotShrinkBelowWhatIsWorthItsCost) {
  ChunkSizer sizer({}, 1000, 1'000'000);
  ChunkObservation crowded = seen(1000, 0.95);
  crowded.least_rows = 400;
  (void)sizer.observe(crowded);
  EXPECT_EQ(sizer.rows(), 500);
  (void)sizer.observe(crowded);
  EXPECT_EQ(sizer.rows(), 400);
  EXPECT_EQ(sizer.observe(crowded).rule, "keep");
  EXPECT_EQ(sizer.rows(), 400);
}

TEST(ChunkSizer, GrowsByAQuarterBelowFiftyPercentWhileItPays) {
  ChunkSizer sizer({}, 1000, 1'000'000);
  EXPECT_EQ(sizer.observe(seen(1000, 0.2, 100)).rule, "grow");
  EXPECT_EQ(sizer.rows(), 1250);
  EXPECT_EQ(sizer.observe(seen(1250, 0.2, 120)).rule, "grow");
  EXPECT_EQ(sizer.rows(), 1563);
  // No faster than before: throughput is not low, so the size stays.
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sizer.observe(seen(1563, 0.2, 120)).rule, "keep");
  EXPECT_EQ(sizer.rows(), 1563);
}

TEST(ChunkSizer, GrowsBackAfterPressureIsGone) {
  ChunkSizer sizer({}, 1000, 1'000'000);
  (void)sizer.observe(seen(1000, 0.9));
  (void)sizer.observe(seen(500, 0.9));
  EXPECT_EQ(sizer.rows(), 250);
  for (int i = 0; i < 10; ++i) (void)sizer.observe(seen(sizer.rows(), 0.2));
  EXPECT_GE(sizer.rows(), 1000);
}

TEST(ChunkSizer, KeepsInBetween) {
  ChunkSizer sizer({}, 1000, 1'000'000);
  EXPECT_EQ(sizer.observe(seen(1000, 0.65)).rule, "keep");
  EXPECT_EQ(sizer.observe(seen(1000, 0.80)).rule, "keep");
  EXPECT_EQ(sizer.observe(seen(1000, 0.50)).rule, "keep");
}

TEST(ChunkSizer, StaysWithinItsBounds) {
  StreamOptions options;
  options.min_chunk_size = 400;
  ChunkSizer sizer(options, 1000, 1100);
  (void)sizer.observe(seen(1000, 0.1));
  EXPECT_EQ(sizer.rows(), 1100);
  EXPECT_EQ(sizer.observe(seen(1100, 0.1, 1e6)).rule, "keep");
  for (int i = 0; i < 10; ++i) (void)sizer.observe(seen(1000, 0.95));
  EXPECT_EQ(sizer.rows(), 400);
  sizer.set_rows(-5);
  EXPECT_EQ(sizer.rows(), 400);
}

TEST(ChunkSizer, DoesNotTakeAShortChunkForEvidence) {
  ChunkSizer sizer({}, 1000, 1'000'000);
  EXPECT_EQ(sizer.observe(seen(10, 0.1)).rule, "keep");
}

TEST(ChunkSizer, FollowsEveryThreshold) {
  StreamOptions options;
  options.shrink_above = 0.6;
  options.shrink_factor = 0.25;
  options.grow_below = 0.3;
  options.grow_factor = 2;
  ChunkSizer sizer(options, 1000, 1'000'000);
  (void)sizer.observe(seen(1000, 0.7));
  EXPECT_EQ(sizer.rows(), 250);
  (void)sizer.observe(seen(250, 0.2));
  EXPECT_EQ(sizer.rows(), 500);
}

}  // namespace
}  // namespace polarway
