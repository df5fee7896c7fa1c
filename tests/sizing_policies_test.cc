// Both policies through a whole stream: what the rules do, and that the trace says it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "adaptive/model_sizer.h"
#include "support/toy_reader.h"

namespace polarway {
namespace {

using ::polarway::testing::Toy;
using ::polarway::testing::ToyReader;
using ::testing::Contains;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr double kToyRow = 8 + 4;  // bytes besides the text

struct Traced {
  StreamingSource source;
  std::shared_ptr<std::vector<Decision>> decisions = std::make_shared<std::vector<Decision>>();

  std::vector<std::string> rules() const {
    std::vector<std::string> rules;
    for (const Decision& decision : *decisions) rules.push_back(decision.rule);
    return rules;
  }
};

Traced open_toy(Toy toy, const std::string& policy, SourceConfig config) {
  config.with_option("policy", policy);
  auto source = AdaptiveStreamBuilder("toy", [toy]() -> Result<std::unique_ptr<SourceReader>> {
                  return std::make_unique<ToyReader>(toy);
                }).open(config);
  if (!source) ADD_FAILURE() << source.error().to_string();
  Traced traced{*std::move(source)};
  traced.source.on_decision(
      [seen = traced.decisions](const Decision& decision) { seen->push_back(decision); });
  return traced;
}

std::int64_t drain(StreamingSource& source) {
  std::int64_t rows = 0;
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) {
      ADD_FAILURE() << chunk.error().to_string();
      break;
    }
    rows += chunk->height();
  }
  return rows;
}

TEST(SizingPolicies, EveryChunkHasItsDecision) {
  for (const std::string policy : {"classic", "model"}) {
    Traced toy = open_toy({.rows = 100'000}, policy, SourceConfig("toy"));
    EXPECT_EQ(drain(toy.source), 100'000);
    std::int64_t rows = 0, chunk = -1;
    for (const Decision& decision : *toy.decisions) {
      if (decision.rule == "start") continue;
      EXPECT_EQ(decision.chunk, ++chunk);
      EXPECT_GT(decision.bytes, decision.rows * 20);
      EXPECT_FALSE(decision.sentence.empty());
      rows += decision.rows;
    }
    EXPECT_EQ(rows, 100'000) << policy;
    EXPECT_EQ(toy.decisions->front().rule, "start");
  }
}

TEST(SizingPolicies, ModelBeginsSmallAndIsThereWithTheSecondChunk) {
  Traced toy =
      open_toy({.rows = 1'000'000}, "model", SourceConfig("toy").with_memory_limit("64MB"));
  EXPECT_EQ(drain(toy.source), 1'000'000);
  const std::vector<Decision>& seen = *toy.decisions;
  ASSERT_GT(seen.size(), 6u);
  const double row = kToyRow + 10;
  EXPECT_LT(static_cast<double>(seen[1].rows) * row, 1.1 * ModelSizer::kProbeBytes);
  EXPECT_EQ(seen[1].rule, "flat");
  EXPECT_GT(static_cast<double>(seen[2].rows) * row, 0.8 * ModelSizer::kUsualBytes);
}

TEST(SizingPolicies, ModelFollowsRowsAHundredTimesWiderAndStaysWithinTheLimit) {
  Traced toy =
      open_toy({.rows = 410'000, .text_bytes = 10, .wide_from = 400'000, .wide_bytes = 2200},
               "model", SourceConfig("toy").with_memory_limit("64MB"));
  EXPECT_EQ(drain(toy.source), 410'000);
  EXPECT_LE(toy.source.budget()->peak_reserved_bytes(), 64'000'000);
  std::int64_t before = 0;
  std::vector<Decision> wide;
  for (const Decision& decision : *toy.decisions) {
    before += decision.rows;
    if (before > 400'000) wide.push_back(decision);
  }
  // The chunk in which they come, and perhaps one after it, if that one had few of them.
  ASSERT_GT(wide.size(), 4u);
  EXPECT_THAT((std::vector{wide[0].rule, wide[1].rule}), Contains("wider"));
  const double bytes = static_cast<double>(wide[1].rows_after) * (kToyRow + 2200);
  EXPECT_GT(bytes, 0.5 * ModelSizer::kUsualBytes);
  EXPECT_LT(bytes, 64e6 / 6 / 3);  // its share, if it found the toy dear
}

TEST(SizingPolicies, ModelMakesFewCallsWhereACallIsDear) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "under ThreadSanitizer the rows are dear, too";
#endif
  Traced toy = open_toy({.rows = 1'000'000, .delay = 20ms}, "model",
                        SourceConfig("toy").with_memory_limit("256MB").with_max_chunk_size(1e6));
  EXPECT_EQ(drain(toy.source), 1'000'000);
  const std::vector<Decision>& seen = *toy.decisions;
  ASSERT_GT(seen.size(), 4u);
  EXPECT_EQ(seen[2].rule, "probe");
  EXPECT_THAT(seen[2].sentence, HasSubstr("a chunk costs"));
  EXPECT_GT(seen[4].rows, 2 * seen[2].rows);
}

TEST(SizingPolicies, ModelMakesRoomWhenTheCallerKeepsChunks) {
  Traced toy = open_toy(
      {.rows = 10'000'000}, "model",
      SourceConfig("toy").with_memory_limit("8MB").with_option("min_chunk_bytes", "16KiB"));
  std::vector<DataFrame> kept;
  std::optional<SourceError> error;
  while (!error) {
    auto chunk = toy.source.read_chunk();
    if (chunk) {
      kept.push_back(**std::move(chunk));
    } else {
      error = chunk.error();
    }
    EXPECT_LE(toy.source.budget()->reserved_bytes(), 8'100'000);
  }
  EXPECT_EQ(error->kind, ErrorKind::MemoryLimit);
  EXPECT_THAT(toy.rules(), Contains("share"));
  EXPECT_THAT(toy.rules(), Contains("pause"));
  const std::int64_t crowded_rows = toy.source.stats().chunk_size;
  EXPECT_LT(crowded_rows, 4000);
  kept.clear();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(toy.source.read_chunk());
  EXPECT_THAT(toy.rules(), Contains("resume"));
  EXPECT_GT(toy.source.stats().chunk_size, 2 * crowded_rows);
}

TEST(SizingPolicies, ModelKeepsASizeSetInMidStream) {
  Traced toy = open_toy({.rows = 1'000'000}, "model", SourceConfig("toy").with_prefetch(false));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(toy.source.read_chunk());
  toy.source.set_chunk_size(500);
  for (int i = 0; i < 20; ++i) EXPECT_EQ((**toy.source.read_chunk()).height(), 500);
}

}  // namespace
}  // namespace polarway
