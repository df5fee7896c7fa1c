#include "adaptive/model_sizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace polarway {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kMaxRows = 100'000'000;

// A source as the sizer sees it: chunks are cut at their bytes, as the reader cuts them.
struct Simulated {
  double row_bytes = 100;
  double fixed_ms = 0.01;
  double ms_per_byte = 1e-6;  // 1 GB/s
  double room_bytes = 20e6;
  double noise = 0;  // of weights and times, as a share
  std::mt19937 random{42};
  std::int64_t chunks = 0;

  double noisy(double value) {
    return value * (1 + std::uniform_real_distribution<double>(-noise, noise)(random));
  }

  ChunkObservation chunk(std::int64_t max_rows) {
    const double row = noisy(row_bytes);
    const auto cut = static_cast<std::int64_t>(3 * room_bytes / row);
    const std::int64_t rows = std::clamp<std::int64_t>(max_rows, 1, std::max<std::int64_t>(1, cut));
    const double bytes = static_cast<double>(rows) * row;
    return {.chunk = chunks++,
            .rows = rows,
            .bytes = static_cast<std::int64_t>(bytes),
            .read_ms = noisy(fixed_ms + bytes * ms_per_byte),
            .usage = 0.4,
            .limit_bytes = 64'000'000,
            .least_rows = 1,
            .room_bytes = static_cast<std::int64_t>(room_bytes)};
  }
};

struct Stream {
  Simulated source;
  ModelSizer sizer;
  std::vector<Decision> decisions;

  explicit Stream(Simulated of, StreamOptions options = {})
      : source(of),
        sizer(options, static_cast<std::int64_t>(ModelSizer::kProbeBytes / of.row_bytes),
              kMaxRows) {}

  void read(int chunks) {
    for (int i = 0; i < chunks; ++i) {
      decisions.push_back(sizer.observe(source.chunk(sizer.rows())));
    }
  }

  int changes(std::size_t from = 0) const {
    return static_cast<int>(std::count_if(
        decisions.begin() + static_cast<std::ptrdiff_t>(from), decisions.end(),
        [](const Decision& decision) { return decision.rows_after != decision.rows_before; }));
  }

  double chunk_bytes() const { return static_cast<double>(sizer.rows()) * source.row_bytes; }
};

// Where cheap chunks settle.
constexpr double kUsual = ModelSizer::kUsualBytes;

TEST(ModelSizer, IsThereAfterOneSmallChunkAndRests) {
  Stream stream({});
  EXPECT_LT(stream.chunk_bytes(), kUsual / 8);
  stream.read(1);
  EXPECT_EQ(stream.decisions.back().rule, "flat");
  EXPECT_NEAR(stream.chunk_bytes(), kUsual, kUsual * 0.01);
  stream.read(1000);
  EXPECT_EQ(stream.changes(1), 0);
  EXPECT_EQ(stream.decisions.back().rule, "keep");
  EXPECT_THAT(stream.decisions.back().sentence, HasSubstr("100 B"));
  EXPECT_THAT(stream.decisions.back().sentence, HasSubstr("0.010 ms"));
}

TEST(ModelSizer, RowsAHundredTimesWiderTakeOneChunk) {
  Stream stream({});
  stream.read(20);
  stream.source.row_bytes *= 100;
  stream.read(1);
  EXPECT_EQ(stream.decisions.back().rule, "wider");
  EXPECT_NEAR(stream.chunk_bytes(), kUsual, kUsual * 0.01);
  stream.read(100);
  EXPECT_EQ(stream.changes(21), 0);
}

TEST(ModelSizer, RowsAHundredTimesNarrowerTakeTwoChunks) {
  Stream stream({.row_bytes = 10'000});
  stream.read(20);
  stream.source.row_bytes /= 100;
  stream.read(1);
  EXPECT_EQ(stream.decisions.back().rule, "keep");
  stream.read(1);
  EXPECT_EQ(stream.decisions.back().rule, "narrower");
  EXPECT_NEAR(stream.chunk_bytes(), kUsual, kUsual * 0.01);
  stream.read(100);
  EXPECT_EQ(stream.changes(22), 0);
}

// Its few bytes would look like a small chunk that took long.
TEST(ModelSizer, AChunkOfOtherRowsIsNoEvidenceOfCost) {
  Stream stream({.row_bytes = 10'000});
  stream.read(40);  // the small chunk at the start is forgotten
  ChunkObservation mixed = stream.source.chunk(stream.sizer.rows());
  mixed.bytes /= 8;
  EXPECT_EQ(stream.sizer.observe(mixed).rule, "keep");
  EXPECT_NEAR(stream.chunk_bytes(), kUsual, kUsual * 0.01);
}

TEST(ModelSizer, ChunksThatAreNowWideNowNarrowAreSizedAsWide) {
  Stream stream({.row_bytes = 1000});
  stream.read(10);
  for (int i = 0; i < 100; ++i) {
    stream.source.row_bytes = i % 2 == 0 ? 10'000 : 1000;
    stream.read(1);
  }
  EXPECT_EQ(stream.changes(10), 1);
  EXPECT_NEAR(static_cast<double>(stream.sizer.rows()) * 10'000, kUsual, kUsual * 0.01);
}

TEST(ModelSizer, NoiseOfAThirdMovesNothingAtRest) {
  for (const double fixed_ms : {0.0, 0.01, 0.3, 100.0}) {
    for (unsigned seed = 0; seed < 20; ++seed) {
      Stream stream({.fixed_ms = fixed_ms, .noise = 0.3, .random = std::mt19937(seed)});
      stream.read(50);
      EXPECT_LE(stream.changes(), 12) << fixed_ms << " ms, seed " << seed;
      stream.read(1000);
      EXPECT_LE(stream.changes(50), 2) << fixed_ms << " ms, seed " << seed;
    }
  }
}

TEST(ModelSizer, GrowsUntilAChunkItselfCostsTwoPercent) {
  Stream stream({.fixed_ms = 0.2});
  stream.read(2);
  EXPECT_EQ(stream.decisions.back().rule, "probe");
  stream.read(1);
  // 0.2 ms are 2 % of 10 ms, of which 9.8 are for 9.8 MB.
  EXPECT_NEAR(stream.chunk_bytes(), 9.8e6, 0.3e6);
  EXPECT_EQ(stream.decisions.back().rule, "flat");
  EXPECT_THAT(stream.decisions.back().sentence, HasSubstr("0.200 ms"));
  stream.read(100);
  EXPECT_EQ(stream.changes(3), 0);
}

TEST(ModelSizer, WhatACallCostsIsLearntInThreeChunksHoweverDear) {
  Stream stream({.fixed_ms = 100});
  stream.read(3);
  EXPECT_NEAR(stream.chunk_bytes(), stream.source.room_bytes, 0.01 * stream.source.room_bytes);
  EXPECT_EQ(stream.decisions.back().rule, "share");
}

TEST(ModelSizer, ASlowFirstChunkIsNotBelieved) {
  Stream stream({});
  ChunkObservation slow = stream.source.chunk(stream.sizer.rows());
  slow.read_ms += 5;
  (void)stream.sizer.observe(slow);
  stream.read(1);
  EXPECT_EQ(stream.decisions.back().rule, "probe");
  stream.read(100);
  EXPECT_NEAR(stream.chunk_bytes(), kUsual, kUsual * 0.01);
  EXPECT_EQ(stream.changes(), 2);  // down to ask, and up again
}

TEST(ModelSizer, AsksWhatAChunkCostsWhenTheFirstSizeWasGiven) {
  Simulated source{.fixed_ms = 100};
  ModelSizer sizer({}, static_cast<std::int64_t>(kUsual / source.row_bytes), kMaxRows);
  EXPECT_EQ(sizer.observe(source.chunk(sizer.rows())).rule, "probe");
  (void)sizer.observe(source.chunk(sizer.rows()));
  EXPECT_NEAR(static_cast<double>(sizer.rows()) * source.row_bytes, source.room_bytes,
              0.01 * source.room_bytes);
}

TEST(ModelSizer, FollowsAShareThatShrinksAtOnceAndBackWhenItStays) {
  Stream stream({});
  stream.read(10);
  stream.source.room_bytes = 300e3;
  stream.read(1);
  EXPECT_EQ(stream.decisions.back().rule, "share");
  EXPECT_NEAR(stream.chunk_bytes(), 300e3, 3e3);
  EXPECT_THAT(stream.decisions.back().sentence, HasSubstr("300.0 KB"));
  stream.source.room_bytes = 20e6;
  stream.read(15);
  EXPECT_NEAR(stream.chunk_bytes(), 300e3, 3e3);  // a share that comes and goes moves nothing
  stream.read(1);
  EXPECT_NEAR(stream.chunk_bytes(), kUsual, kUsual * 0.01);
}

TEST(ModelSizer, AShareThatComesAndGoesMovesNothing) {
  Stream stream({});
  for (int i = 0; i < 400; ++i) {
    stream.source.room_bytes = i % 10 < 5 ? 1.5e6 : 0.8e6;
    stream.read(1);
    if (i == 30) stream.decisions.clear();
  }
  EXPECT_EQ(stream.changes(), 0);
}

TEST(ModelSizer, ASizeSetByHandIsKeptAsFarAsMemoryLetsIt) {
  Stream stream({});
  stream.read(5);
  stream.sizer.set_rows(1234);
  stream.read(10);
  EXPECT_EQ(stream.sizer.rows(), 1234);
  stream.source.row_bytes = 1e6;
  stream.read(1);
  EXPECT_EQ(stream.sizer.rows(), 20);
}

TEST(ModelSizer, StaysWithinItsBounds) {
  StreamOptions options;
  options.min_chunk_size = 400;
  ModelSizer sizer(options, 1000, 1500);
  Simulated source{.row_bytes = 1};
  for (int i = 0; i < 10; ++i) (void)sizer.observe(source.chunk(sizer.rows()));
  EXPECT_EQ(sizer.rows(), 1500);
  source.row_bytes = 1e6;
  for (int i = 0; i < 3; ++i) (void)sizer.observe(source.chunk(sizer.rows()));
  EXPECT_EQ(sizer.rows(), 400);
  sizer.set_rows(-5);
  EXPECT_EQ(sizer.rows(), 400);
}

TEST(ModelSizer, ChunksWithoutWeightOrTimeDoNoHarm) {
  ModelSizer sizer({}, 1000, kMaxRows);
  for (int i = 0; i < 10; ++i) {
    (void)sizer.observe({.chunk = i, .rows = 1000, .bytes = 0, .read_ms = 0});
    EXPECT_GE(sizer.rows(), 1);
    EXPECT_LE(sizer.rows(), kMaxRows);
  }
}

}  // namespace
}  // namespace polarway
