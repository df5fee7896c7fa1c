#include "adaptive/chunk_sizer.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

// The same crowded chunk makes one policy shrink, and tells the other nothing.
TEST(ChunkSizer, IsOfThePolicyThatTheOptionsName) {
  const ChunkObservation crowded{
      .chunk = 0, .rows = 1000, .bytes = 100'000, .read_ms = 1, .usage = 0.9};
  StreamOptions options;
  EXPECT_EQ(ChunkSizer::make(options, 1000, 1'000'000)->observe(crowded).rule, "shrink");
  options.policy = SizingPolicy::Model;
  EXPECT_EQ(ChunkSizer::make(options, 1000, 1'000'000)->observe(crowded).rule, "flat");
  EXPECT_LT(ChunkSizer::first_chunk_bytes(SizingPolicy::Model),
            ChunkSizer::first_chunk_bytes(SizingPolicy::Classic));
}

TEST(ChunkSizer, DecisionsHaveTheFiguresOfTheirChunk) {
  for (const SizingPolicy policy : {SizingPolicy::Classic, SizingPolicy::Model}) {
    StreamOptions options;
    options.policy = policy;
    const auto sizer = ChunkSizer::make(options, 1000, 1'000'000);
    const Decision decision = sizer->observe({.chunk = 7,
                                              .rows = 1000,
                                              .bytes = 100'000,
                                              .read_ms = 2,
                                              .usage = 0.6,
                                              .limit_bytes = 1 << 20});
    EXPECT_EQ(decision.chunk, 7);
    EXPECT_EQ(decision.rows, 1000);
    EXPECT_EQ(decision.bytes, 100'000);
    EXPECT_EQ(decision.usage, 0.6);
    EXPECT_EQ(decision.limit_bytes, 1 << 20);
    EXPECT_EQ(decision.rows_per_second, 500'000);
    EXPECT_EQ(decision.rows_before, 1000);
    EXPECT_EQ(decision.rows_after, sizer->rows());
    EXPECT_FALSE(decision.sentence.empty());
  }
}

}  // namespace
}  // namespace polarway
