// Consumers that are slow, that keep everything or a little of everything, or that let go late:
// the budget holds, and the error or the wait says who has the memory (faults M7 and M8).

#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "core/budget_state.h"
#include "polarway/registry.h"
#include "support/temporary_folder.h"
#include "support/toy_reader.h"

namespace polarway {
namespace {

using ::polarway::testing::TemporaryFolder;
using ::polarway::testing::Toy;
using ::polarway::testing::ToyReader;
using ::polarway::testing::write_text;
using ::testing::HasSubstr;

// How far a source has been read.
struct Reads {
  std::atomic<std::int64_t> chunks{0};
  std::atomic<bool> at_end{false};
};

class CountedReader final : public SourceReader {
 public:
  CountedReader(const Toy& toy, std::shared_ptr<Reads> reads)
      : toy_(toy), reads_(std::move(reads)) {}

  std::int64_t working_set_bytes(const ScanRequest& request) const override {
    return toy_.working_set_bytes(request);
  }
  Result<ScanPlan> open(const ScanRequest& request, const Context& context) override {
    return toy_.open(request, context);
  }
  Result<std::optional<Batch>> read(const ChunkTarget& target) override {
    Result<std::optional<Batch>> batch = toy_.read(target);
    if (batch && *batch) ++reads_->chunks;
    if (batch && !*batch) reads_->at_end = true;
    return batch;
  }
  ReaderStats stats() const override { return toy_.stats(); }

 private:
  ToyReader toy_;
  std::shared_ptr<Reads> reads_;
};

Result<StreamingSource> open_toy(const Toy& toy, const SourceConfig& config,
                                 const std::shared_ptr<Reads>& reads = std::make_shared<Reads>()) {
  return AdaptiveStreamBuilder("toy",
                               [toy, reads]() -> Result<std::unique_ptr<SourceReader>> {
                                 return std::make_unique<CountedReader>(toy, reads);
                               })
      .open(config);
}

std::string numbers(int rows) {
  std::string text = "n,text\n";
  for (int i = 0; i < rows; ++i)
    text += std::to_string(i) + ",some text of row " + std::to_string(i) + "\n";
  return text;
}

TEST(Consumer, ThatKeepsEveryChunkOfAFileIsToldHowManyItHolds) {
  const TemporaryFolder folder;
  write_text(folder / "numbers.csv", numbers(400'000));
  for (const bool prefetch : {false, true}) {
    auto source = SourceRegistry().create("csv", SourceConfig(folder / "numbers.csv")
                                                     .with_memory_limit("8MB")
                                                     .with_prefetch(prefetch)
                                                     .with_chunk_size(4'000));
    ASSERT_TRUE(source) << source.error().to_string();
    std::vector<DataFrame> kept;
    Result<std::optional<DataFrame>> chunk = source->read_chunk();
    for (; chunk && *chunk; chunk = source->read_chunk()) kept.push_back(**std::move(chunk));
    ASSERT_FALSE(chunk);
    EXPECT_EQ(chunk.error().kind, ErrorKind::MemoryLimit);
    EXPECT_THAT(chunk.error().to_string(),
                HasSubstr("you hold " + std::to_string(kept.size()) + " chunks, "));
    EXPECT_LE(source->budget()->peak_reserved_bytes(), 8'000'000);
    // What was delivered stays good, and the stream goes on where it stopped.
    std::int64_t rows = 0;
    for (const DataFrame& each : kept) rows += each.height();
    kept.clear();
    for (Result<DataFrame>& each : *source) {
      ASSERT_TRUE(each) << each.error().to_string();
      rows += each->height();
    }
    EXPECT_EQ(rows, 400'000);
  }
}

TEST(Consumer, ThatKeepsTheHeadOfEachOfTenThousandChunksFinishes) {
  // A chunk weighs some 25 KB: ten thousand would be four times the limit.
  constexpr std::int64_t kChunks = 10'000;
  constexpr std::int64_t kRowsPerChunk = 200;
  auto source = open_toy({.rows = kChunks * kRowsPerChunk, .text_bytes = 100},
                         SourceConfig("toy")
                             .with_memory_limit("64MB")
                             .with_chunk_size(kRowsPerChunk)
                             .with_max_chunk_size(kRowsPerChunk));
  ASSERT_TRUE(source) << source.error().to_string();
  std::vector<DataFrame> heads;
  std::int64_t chunk_bytes = 0;
  for (Result<DataFrame>& chunk : *source) {
    ASSERT_TRUE(chunk) << chunk.error().to_string();
    chunk_bytes += chunk->num_bytes();
    heads.push_back(chunk->head(1));
  }
  EXPECT_EQ(std::ssize(heads), kChunks);
  EXPECT_GT(chunk_bytes, 3 * 64'000'000);
  std::int64_t head_bytes = 0;
  for (const DataFrame& head : heads) {
    ASSERT_EQ(head.height(), 1);
    head_bytes += head.num_bytes();
  }
  // They are paid for, and nothing else of their chunks is.
  EXPECT_GE(source->budget()->reserved_bytes(), head_bytes);
  EXPECT_LT(source->budget()->reserved_bytes(), 2 * head_bytes + 2'000'000);
  source->close();
  heads.clear();
  EXPECT_EQ(source->budget()->reserved_bytes(), 0);
}

TEST(Consumer, ThatIsSlowerThanTheSourceSeesNoMoreThanTheQueueFull) {
  constexpr std::int64_t kDepth = 4;
  constexpr std::int64_t kRows = 400'000;
  const auto reads = std::make_shared<Reads>();
  auto source = open_toy({.rows = kRows, .text_bytes = 100},
                         SourceConfig("toy")
                             .with_memory_limit("16MB")
                             .with_chunk_size(1'000)
                             .with_max_chunk_size(1'000)
                             .with_option("prefetch_depth", std::to_string(kDepth)),
                         reads);
  ASSERT_TRUE(source) << source.error().to_string();
  std::int64_t peak_early = 0;
  std::int64_t taken = 0;
  for (Result<DataFrame>& chunk : *source) {
    ASSERT_TRUE(chunk) << chunk.error().to_string();
    ++taken;
    // Slower than any source: it is always waited for, until nothing more may be read.
    while (!reads->at_end && reads->chunks < taken + kDepth) std::this_thread::yield();
    EXPECT_LE(reads->chunks, taken + kDepth);
    EXPECT_LE(source->budget()->usage(), 0.9);
    if (taken == 20) peak_early = source->budget()->peak_reserved_bytes();
  }
  EXPECT_GT(taken, 300);
  EXPECT_EQ(source->stats().records_processed, kRows);
  EXPECT_GT(source->stats().wait.consumer_ms, 0);
  // Flat, give or take the reservation for one chunk.
  EXPECT_LE(source->budget()->peak_reserved_bytes(), peak_early + 1'000'000);
}

TEST(Consumer, ThatLetsGoWhileTheStreamWaitsIsWaitedForAndTheWaitIsCounted) {
  auto source =
      open_toy({.rows = 10'000'000},
               SourceConfig("toy").with_memory_limit("8MB").with_chunk_size(10'000).with_option(
                   "held_timeout_ms", "600000"));
  ASSERT_TRUE(source) << source.error().to_string();
  MemoryBudget::State& state = source->budget()->state();
  std::vector<DataFrame> kept;  // the other thread's while this one waits
  std::atomic<bool> was_waited_for = false;
  std::jthread letting_go([&](const std::stop_token& stop) {
    while (!was_waited_for && !stop.stop_requested()) {
      std::this_thread::yield();
      std::lock_guard lock(state.mutex);
      was_waited_for = state.waiting == 1;
    }
    kept.clear();
  });
  while (!was_waited_for) {
    auto chunk = source->read_chunk();
    ASSERT_TRUE(chunk) << chunk.error().to_string();
    ASSERT_TRUE(*chunk) << "everything was read without a wait";
    if (!was_waited_for) kept.push_back(**std::move(chunk));
  }
  letting_go.join();
  EXPECT_GT(source->stats().wait.memory_ms, 0);
  const auto chunk = source->read_chunk();
  EXPECT_TRUE(chunk && *chunk);
}

}  // namespace
}  // namespace polarway
