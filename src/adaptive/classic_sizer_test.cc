#include "adaptive/classic_sizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

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

TEST(ClassicSizer, HalvesAboveEightyPercent) {
  ClassicSizer sizer({}, 1000, 1'000'000);
  const Decision decision = sizer.observe(seen(1000, 0.81));
  EXPECT_EQ(decision.rule, "shrink");
  EXPECT_EQ(decision.rows_before, 1000);
  EXPECT_EQ(decision.rows_after, 500);
  EXPECT_EQ(sizer.rows(), 500);
  EXPECT_THAT(decision.sentence, HasSubstr("over 80 %"));
}

TEST(ClassicSizer, DoesNotShrinkBelowWhatIsWorthItsCost) {
  ClassicSizer sizer({}, 1000, 1'000'000);
  ChunkObservation crowded = seen(1000, 0.95);
  crowded.least_rows = 400;
  (void)sizer.observe(crowded);
  EXPECT_EQ(sizer.rows(), 500);
  (void)sizer.observe(crowded);
  EXPECT_EQ(sizer.rows(), 400);
  EXPECT_EQ(sizer.observe(crowded).rule, "keep");
  EXPECT_EQ(sizer.rows(), 400);
}

TEST(ClassicSizer, GrowsByAQuarterBelowFiftyPercentWhileItPays) {
  ClassicSizer sizer({}, 1000, 1'000'000);
  EXPECT_EQ(sizer.observe(seen(1000, 0.2, 100)).rule, "grow");
  EXPECT_EQ(sizer.rows(), 1250);
  EXPECT_EQ(sizer.observe(seen(1250, 0.2, 120)).rule, "grow");
  EXPECT_EQ(sizer.rows(), 1563);
  // No faster than before: throughput is not low, so the size stays.
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sizer.observe(seen(1563, 0.2, 120)).rule, "keep");
  EXPECT_EQ(sizer.rows(), 1563);
}

TEST(ClassicSizer, GrowsBackAfterPressureIsGone) {
  ClassicSizer sizer({}, 1000, 1'000'000);
  (void)sizer.observe(seen(1000, 0.9));
  (void)sizer.observe(seen(500, 0.9));
  EXPECT_EQ(sizer.rows(), 250);
  for (int i = 0; i < 10; ++i) (void)sizer.observe(seen(sizer.rows(), 0.2));
  EXPECT_GE(sizer.rows(), 1000);
}

TEST(ClassicSizer, KeepsInBetween) {
  ClassicSizer sizer({}, 1000, 1'000'000);
  EXPECT_EQ(sizer.observe(seen(1000, 0.65)).rule, "keep");
  EXPECT_EQ(sizer.observe(seen(1000, 0.80)).rule, "keep");
  EXPECT_EQ(sizer.observe(seen(1000, 0.50)).rule, "keep");
}

TEST(ClassicSizer, StaysWithinItsBounds) {
  StreamOptions options;
  options.min_chunk_size = 400;
  ClassicSizer sizer(options, 1000, 1100);
  (void)sizer.observe(seen(1000, 0.1));
  EXPECT_EQ(sizer.rows(), 1100);
  EXPECT_EQ(sizer.observe(seen(1100, 0.1, 1e6)).rule, "keep");
  for (int i = 0; i < 10; ++i) (void)sizer.observe(seen(1000, 0.95));
  EXPECT_EQ(sizer.rows(), 400);
  sizer.set_rows(-5);
  EXPECT_EQ(sizer.rows(), 400);
}

TEST(ClassicSizer, DoesNotTakeAShortChunkForEvidence) {
  ClassicSizer sizer({}, 1000, 1'000'000);
  EXPECT_EQ(sizer.observe(seen(10, 0.1)).rule, "keep");
}

TEST(ClassicSizer, FollowsEveryThreshold) {
  StreamOptions options;
  options.shrink_above = 0.6;
  options.shrink_factor = 0.25;
  options.grow_below = 0.3;
  options.grow_factor = 2;
  ClassicSizer sizer(options, 1000, 1'000'000);
  (void)sizer.observe(seen(1000, 0.7));
  EXPECT_EQ(sizer.rows(), 250);
  (void)sizer.observe(seen(250, 0.2));
  EXPECT_EQ(sizer.rows(), 500);
}

TEST(ClassicSizer, RestsWithoutChangeOnceLargerIsNoFaster) {
  ClassicSizer sizer({}, 1000, 1'000'000);
  for (int i = 0; i < 3; ++i) (void)sizer.observe(seen(sizer.rows(), 0.2));
  const std::int64_t settled = sizer.rows();
  for (int i = 0; i < 1000; ++i) (void)sizer.observe(seen(sizer.rows(), 0.2));
  EXPECT_EQ(sizer.rows(), settled);
}

// A chunk of rows that are wide ends at its bytes, whatever was aimed at: that is left as it is,
// and only usage shrinks it.
TEST(ClassicSizer, RowsAHundredTimesWiderAreCutNotAimedAt) {
  ClassicSizer sizer({}, 10'000, 1'000'000);
  for (int i = 0; i < 3; ++i) (void)sizer.observe(seen(10'000, 0.6));
  for (int i = 0; i < 10; ++i) {
    const Decision decision = sizer.observe(seen(300, 0.4));
    EXPECT_EQ(decision.rule, "keep");
    EXPECT_THAT(decision.sentence, HasSubstr("not a full one"));
  }
  EXPECT_EQ(sizer.rows(), 10'000);
  EXPECT_EQ(sizer.observe(seen(300, 0.9)).rule, "shrink");
}

// Narrow rows come in steps of a quarter, while a chunk itself costs enough for that to be seen.
TEST(ClassicSizer, RowsAHundredTimesNarrowerGrowInSteps) {
  ClassicSizer sizer({}, 1000, 1'000'000);
  int chunks = 0;
  for (; sizer.rows() < 10'000 && chunks < 100; ++chunks) {
    const double rows = static_cast<double>(sizer.rows());
    (void)sizer.observe(seen(sizer.rows(), 0.3, rows / (0.1 + rows * 1e-5)));
  }
  EXPECT_EQ(chunks, 11);  // ten times as large in steps of 1.25
}

TEST(ClassicSizer, NoiseOfAThirdEndsInRest) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> noise(0.7, 1.3);
    ClassicSizer sizer({}, 1000, 100'000'000);
    int late_changes = 0;
    for (int i = 0; i < 1000; ++i) {
      const Decision decision = sizer.observe(seen(sizer.rows(), 0.3, 100 * noise(random)));
      EXPECT_NE(decision.rule, "shrink");
      if (i >= 500 && decision.rows_after != decision.rows_before) ++late_changes;
    }
    EXPECT_LE(late_changes, 1) << "seed " << seed;
  }
}

}  // namespace
}  // namespace polarway
