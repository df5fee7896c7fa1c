#include "polarway/stream.h"

#include <arrow/array.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <latch>
#include <thread>

#include "polarway/executor.h"
#include "support/rows_text.h"
#include "support/toy_reader.h"

namespace polarway {
namespace {

using ::polarway::testing::Toy;
using ::polarway::testing::ToyReader;
using ::testing::Contains;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

Result<StreamingSource> open_toy(Toy toy, SourceConfig config = SourceConfig("toy"),
                                 std::string* committed = nullptr) {
  return AdaptiveStreamBuilder("toy",
                               [toy, committed]() -> Result<std::unique_ptr<SourceReader>> {
                                 return std::make_unique<ToyReader>(toy, committed);
                               })
      .open(config);
}

std::vector<std::int64_t> numbers_of(const DataFrame& frame) {
  const auto& column = static_cast<const arrow::Int64Array&>(*frame.arrow()->column(0));
  return {column.raw_values(), column.raw_values() + column.length()};
}

std::vector<std::int64_t> drain(StreamingSource& source) {
  std::vector<std::int64_t> numbers;
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) {
      ADD_FAILURE() << chunk.error().to_string();
      break;
    }
    for (const std::int64_t n : numbers_of(*chunk)) numbers.push_back(n);
  }
  return numbers;
}

std::vector<std::int64_t> iota(std::int64_t from, std::int64_t to, std::int64_t step = 1) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t i = from; i < to; i += step) numbers.push_back(i);
  return numbers;
}

TEST(StreamingSource, ChunksJoinedAreTheWholeWhateverTheKnobs) {
  for (const bool prefetch : {false, true}) {
    for (const int chunk_size : {1, 7, 100, 5000}) {
      auto source = open_toy({.rows = 1000}, SourceConfig("toy")
                                                 .with_chunk_size(chunk_size)
                                                 .with_prefetch(prefetch)
                                                 .with_memory_limit("64MB"));
      ASSERT_TRUE(source) << source.error().to_string();
      EXPECT_TRUE(source->has_more());
      EXPECT_EQ(drain(*source), iota(0, 1000));
      EXPECT_FALSE(source->has_more());
      const auto end = source->read_chunk();
      EXPECT_TRUE(end && !*end);  // the end stays the end
      EXPECT_EQ(source->stats().records_processed, 1000);
    }
  }
}

TEST(StreamingSource, TheFirstChunkHasTheSizeAskedFor) {
  auto source = open_toy({.rows = 1000}, SourceConfig("toy").with_chunk_size(123));
  EXPECT_EQ((**source->read_chunk()).height(), 123);
}

TEST(StreamingSource, WithoutASizeTheFirstChunkFollowsTheWeightOfRows) {
  const auto first_height = [](std::int64_t text_bytes) {
    auto source = open_toy({.rows = 2'000'000, .text_bytes = text_bytes},
                           SourceConfig("toy").with_memory_limit("256MB"));
    return (**source->read_chunk()).height();
  };
  EXPECT_GT(first_height(10), 5 * first_height(1000));
}

TEST(StreamingSource, GivesEverythingBackWhenItsChunksAreGone) {
  auto budget = MemoryBudget::make(64 << 20);
  {
    auto source =
        open_toy({.rows = 100'000}, SourceConfig("toy").with_budget(budget).with_chunk_size(500));
    auto chunk = source->read_chunk();
    EXPECT_GT(budget->reserved_bytes(), 0);
    source->close();
    EXPECT_GT(budget->reserved_bytes(), 0);  // the chunk in our hands is still paid for
    EXPECT_EQ((**chunk).height(), 500);
    EXPECT_EQ(budget->chunks_held(), 1);
    const auto after_close = source->read_chunk();
    EXPECT_TRUE(after_close && !*after_close);
  }
  EXPECT_EQ(budget->reserved_bytes(), 0);
  EXPECT_EQ(budget->arrow_pool()->bytes_allocated(), 0);
}

TEST(StreamingSource, LetsGoOfItsBudgetThoughReadingAheadHasNotBegun) {
  Executor& executor = *Executor::global();
  std::latch busy(executor.num_threads()), free(1), idle(executor.num_threads());
  for (int i = 0; i < executor.num_threads(); ++i) {
    ASSERT_TRUE(executor.submit([&] {
      busy.count_down();
      free.wait();
      idle.count_down();
    }));
  }
  busy.wait();
  const auto budget = MemoryBudget::make(64 << 20);
  {
    auto source =
        open_toy({.rows = 10'000}, SourceConfig("toy").with_budget(budget).with_chunk_size(100));
    ASSERT_TRUE(source->read_chunk());  // and reading ahead is queued behind the busy threads
  }
  EXPECT_EQ(budget.use_count(), 1);
  free.count_down();
  idle.wait();
}

TEST(StreamingSource, ALimitBelowTheFloorIsRefusedWithTheFloor) {
  const auto source =
      open_toy({.working_set_bytes = 5 << 20}, SourceConfig("toy").with_memory_limit("5MB"));
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().kind, ErrorKind::MemoryLimit);
  EXPECT_THAT(source.error().to_string(), HasSubstr("floor"));
  EXPECT_THAT(source.error().hint, HasSubstr("at least"));
}

TEST(StreamingSource, KeepingEveryChunkEndsInMemoryLimitWhichNamesThem) {
  auto source = open_toy({.rows = 10'000'000},
                         SourceConfig("toy").with_memory_limit("8MB").with_chunk_size(10'000));
  std::vector<DataFrame> kept;
  std::optional<SourceError> error;
  std::int64_t rows = 0;
  for (int i = 0; i < 1000 && !error; ++i) {
    auto chunk = source->read_chunk();
    if (!chunk) {
      error = chunk.error();
    } else {
      rows += (**chunk).height();
      kept.push_back(**std::move(chunk));
    }
    EXPECT_LE(source->budget()->reserved_bytes(), 9'000'000);
  }
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::MemoryLimit);
  EXPECT_THAT(error->to_string(), HasSubstr("you hold " + std::to_string(kept.size()) + " chunks"));
  // Retryable: once the chunks are let go of, it goes on at the first row not delivered.
  kept.clear();
  const auto next = source->read_chunk();
  ASSERT_TRUE(next && *next);
  EXPECT_EQ(numbers_of(**next).front(), rows);
}

TEST(StreamingSource, HighUsageShrinksTheChunksAndPausesReadingAhead) {
  auto source =
      open_toy({.rows = 10'000'000},
               SourceConfig("toy").with_memory_limit("8MB").with_chunk_size(8'000).with_option(
                   "min_chunk_bytes", "16KiB"));
  std::vector<std::string> rules;
  source->on_decision([&](const Decision& decision) { rules.push_back(decision.rule); });
  std::vector<DataFrame> kept;
  while (true) {
    auto chunk = source->read_chunk();
    if (!chunk) break;
    kept.push_back(**std::move(chunk));
  }
  EXPECT_THAT(rules, Contains("start"));
  EXPECT_THAT(rules, Contains("shrink"));
  EXPECT_THAT(rules, Contains("pause"));
  EXPECT_LT(source->stats().chunk_size, 8'000);
  kept.clear();
  for (int i = 0; i < 3; ++i) (void)source->read_chunk();
  EXPECT_THAT(rules, Contains("resume"));
  EXPECT_GT(source->stats().paused_ms, 0);
}

TEST(StreamingSource, WideRowsAfterNarrowOnesStayWithinTheLimit) {
  auto source =
      open_toy({.rows = 30'000, .text_bytes = 10, .wide_from = 20'000, .wide_bytes = 20'000},
               SourceConfig("toy").with_memory_limit("16MB").with_chunk_size(10'000));
  std::int64_t rows = 0;
  for (Result<DataFrame>& chunk : *source) {
    ASSERT_TRUE(chunk) << chunk.error().to_string();
    rows += chunk->height();
    EXPECT_LE(source->budget()->peak_reserved_bytes(), 16'000'000);
  }
  EXPECT_EQ(rows, 30'000);
}

TEST(StreamingSource, ARowLargerThanAChunkButNotThanTheLimitComesThrough) {
  auto source =
      open_toy({.rows = 10, .wide_from = 5, .wide_bytes = 3 << 20},
               SourceConfig("toy").with_memory_limit("64MB").with_option("max_chunk_bytes", "1MB"));
  EXPECT_EQ(drain(*source), iota(0, 10));
}

TEST(StreamingSource, ARowLargerThanTheLimitIsMemoryLimit) {
  auto source = open_toy({.rows = 10, .wide_from = 5, .wide_bytes = 64 << 20},
                         SourceConfig("toy").with_memory_limit("32MB"));
  std::int64_t rows = 0;
  std::optional<SourceError> error;
  for (Result<DataFrame>& chunk : *source) {
    if (chunk)
      rows += chunk->height();
    else
      error = chunk.error();
  }
  EXPECT_EQ(rows, 5);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::MemoryLimit);
}

TEST(StreamingSource, AppliesTheResidualFilterAndDropsItsColumns) {
  auto source = open_toy({.rows = 100}, SourceConfig("toy").with_filter(col("n") >= 90));
  EXPECT_EQ(drain(*source), iota(90, 100));
  auto none = open_toy({.rows = 100'000},
                       SourceConfig("toy").with_filter(col("n") < 0).with_chunk_size(100));
  const auto end = none->read_chunk();
  EXPECT_TRUE(end && !*end);
  const auto unknown = open_toy({}, SourceConfig("toy").with_filter(col("m") > 1));
  EXPECT_EQ(unknown.error().kind, ErrorKind::Config);
}

TEST(StreamingSource, PicksTheColumnsWantedFromAReaderThatHasMore) {
  auto source =
      open_toy({.rows = 3, .text_bytes = 2}, SourceConfig("toy").with_columns({"text", "n"}));
  EXPECT_EQ(source->metadata().schema.names(), (std::vector<std::string>{"text", "n"}));
  ::polarway::testing::Rows rows;
  ::polarway::testing::append_rows(*(**source->read_chunk()).arrow(), rows);
  EXPECT_THAT(rows, ::testing::ElementsAre("xx|0", "xx|1", "xx|2"));
  EXPECT_EQ(open_toy({}, SourceConfig("toy").with_columns({"txet"})).error().kind,
            ErrorKind::Config);
}

TEST(StreamingSource, TrustsAReaderThatAppliesTheFilterItself) {
  auto source = open_toy({.rows = 100, .applies_filter = true},
                         SourceConfig("toy").with_filter(col("n") < 0));
  EXPECT_EQ(drain(*source), iota(0, 100, 2));
}

TEST(StreamingSource, StopsAtTheLimitCountedAfterTheFilter) {
  for (const int limit : {0, 1, 10, 15}) {
    auto source =
        open_toy({.rows = 100}, SourceConfig("toy").with_limit(limit).with_chunk_size(10));
    EXPECT_EQ(drain(*source), iota(0, limit));
    auto filtered = open_toy(
        {.rows = 100},
        SourceConfig("toy").with_filter(col("n") >= 50).with_limit(limit).with_chunk_size(10));
    EXPECT_EQ(drain(*filtered), iota(50, 50 + limit));
  }
}

TEST(StreamingSource, RetryableErrorsLoseNothingAndFinalOnesRepeat) {
  for (const bool prefetch : {false, true}) {
    const auto config = SourceConfig("toy").with_chunk_size(10).with_prefetch(prefetch);
    auto flaky = open_toy({.rows = 100, .fail_at_row = 35}, config);
    std::vector<std::int64_t> numbers;
    int errors = 0;
    for (;;) {
      auto chunk = flaky->read_chunk();
      if (!chunk) {
        EXPECT_EQ(chunk.error().kind, ErrorKind::Network);
        ++errors;
        continue;
      }
      if (!*chunk) break;
      for (const std::int64_t n : numbers_of(**chunk)) numbers.push_back(n);
    }
    EXPECT_EQ(numbers, iota(0, 100));
    EXPECT_LE(errors, 1);  // reading ahead may have tried again already

    auto broken = open_toy({.rows = 100, .fail_at_row = 35, .fail_kind = ErrorKind::Parse}, config);
    numbers.clear();
    for (Result<DataFrame>& chunk : *broken) {
      if (!chunk) {
        EXPECT_EQ(chunk.error().where.row, 36);
        continue;
      }
      for (const std::int64_t n : numbers_of(*chunk)) numbers.push_back(n);
    }
    EXPECT_EQ(numbers, iota(0, 35));  // rows before an error are good
    EXPECT_FALSE(broken->has_more());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(broken->read_chunk().error().where.row, 36);
  }
}

TEST(StreamingSource, CheckpointsSpeakOfTheLastChunkDelivered) {
  for (const bool prefetch : {false, true}) {
    std::string committed;
    auto source =
        open_toy({.rows = 1000}, SourceConfig("toy").with_chunk_size(100).with_prefetch(prefetch),
                 &committed);
    std::int64_t rows = 0;
    for (int i = 0; i < 3; ++i) rows += (**source->read_chunk()).height();
    std::this_thread::sleep_for(20ms);  // whatever is read ahead has been read
    const Checkpoint checkpoint = *source->checkpoint();
    EXPECT_EQ(checkpoint.rows, rows);
    EXPECT_TRUE(source->commit());
    EXPECT_EQ(committed, std::to_string(rows));

    const Checkpoint parsed = *Checkpoint::from_json(checkpoint.to_json());
    auto resumed = open_toy({.rows = 1000}, SourceConfig("toy").with_resume(parsed));
    EXPECT_EQ(drain(*resumed), iota(rows, 1000));
    EXPECT_EQ(resumed->stats().records_processed, 1000 - rows);
    EXPECT_EQ(resumed->checkpoint()->rows, 1000);
    EXPECT_TRUE(source->seek(parsed));
    EXPECT_EQ(drain(*source), iota(rows, 1000));
    EXPECT_TRUE(source->reset());
    EXPECT_EQ(drain(*source), iota(0, 1000));
  }
}

TEST(StreamingSource, ResumesTowardsTheSameLimit) {
  auto source = open_toy({.rows = 1000}, SourceConfig("toy").with_chunk_size(10).with_limit(25));
  (void)source->read_chunk();
  const Checkpoint checkpoint = *source->checkpoint();
  auto resumed =
      open_toy({.rows = 1000}, SourceConfig("toy").with_limit(25).with_resume(checkpoint));
  EXPECT_EQ(drain(*resumed), iota(10, 25));
}

TEST(StreamingSource, RefusesTheCheckpointOfAnother) {
  const auto source =
      open_toy({}, SourceConfig("toy").with_resume(Checkpoint{"csv", "toy", "", 0}));
  EXPECT_EQ(source.error().kind, ErrorKind::Config);
}

TEST(StreamingSource, SaysSoWhereItCannotGoBack) {
  auto source = open_toy({.seekable = false});
  (void)source->read_chunk();
  EXPECT_EQ(source->reset().error().kind, ErrorKind::UnsupportedOperation);
  EXPECT_EQ(source->checkpoint().error().kind, ErrorKind::UnsupportedOperation);
}

TEST(StreamingSource, SplitsTogetherAreTheWhole) {
  auto source = open_toy({.rows = 1000});
  const auto splits = source->splits(7);
  ASSERT_TRUE(splits);
  std::vector<std::int64_t> joined;
  for (const Split& split : *splits) {
    auto piece = open_toy({.rows = 1000}, SourceConfig("toy").with_split(split));
    for (const std::int64_t n : drain(*piece)) joined.push_back(n);
  }
  EXPECT_EQ(joined, iota(0, 1000));
  EXPECT_EQ(source->splits(0).error().kind, ErrorKind::Config);
}

TEST(StreamingSource, HandsOverRejects) {
  auto source = open_toy({.rows = 100, .reject_every = 10});
  EXPECT_EQ(drain(*source).size(), 90u);
  EXPECT_EQ(source->stats().rows_rejected, 10);
  EXPECT_EQ(source->take_rejects().size(), 10u);
  EXPECT_TRUE(source->take_rejects().empty());
}

TEST(StreamingSource, AStopEndsAWaitAndLosesNothing) {
  for (const bool prefetch : {false, true}) {
    auto source = open_toy({.rows = 50, .delay = 60ms},
                           SourceConfig("toy").with_chunk_size(10).with_prefetch(prefetch));
    std::int64_t rows = (**source->read_chunk()).height();
    std::stop_source stop;
    std::jthread stopper([&] {
      std::this_thread::sleep_for(10ms);
      stop.request_stop();
    });
    auto stopped = source->read_chunk(stop.get_token());
    if (stopped && *stopped) rows += (**stopped).height();
    if (!stopped) {
      EXPECT_EQ(stopped.error().kind, ErrorKind::Cancelled);
    }
    EXPECT_EQ(drain(*source), iota(rows, 50));
  }
}

TEST(StreamingSource, ClosesWhileReadingAhead) {
  for (int i = 0; i < 50; ++i) {
    auto source = open_toy({.rows = 100'000, .delay = std::chrono::milliseconds(i % 3)},
                           SourceConfig("toy").with_chunk_size(100));
    for (int n = i % 4; n > 0; --n) (void)source->read_chunk();
    if (i % 2 == 0) source->close();
    StreamingSource moved = *std::move(source);
    if (i % 5 == 0) (void)moved.read_chunk();
  }
}

TEST(StreamingSource, TwoStreamsShareOneBudget) {
  const auto budget = MemoryBudget::make(8'000'000);
  const auto config = SourceConfig("toy").with_budget(budget).with_chunk_size(20'000);
  auto one = open_toy({.rows = 200'000}, config);
  auto two = open_toy({.rows = 200'000}, config);
  ASSERT_TRUE(one && two);
  std::int64_t rows = 0;
  for (;;) {
    auto a = one->read_chunk();
    auto b = two->read_chunk();
    ASSERT_TRUE(a && b);
    if (!*a && !*b) break;
    if (*a) rows += (**a).height();
    if (*b) rows += (**b).height();
    EXPECT_LE(budget->peak_reserved_bytes(), 8'000'000);
  }
  EXPECT_EQ(rows, 400'000);
}

TEST(StreamingSource, PresetsCapTheChunksUnlessAMaximumOrALargerSizeIsGiven) {
  const auto first = [](const SourceConfig& config) {
    return open_toy({.text_bytes = 1}, config)->stats().chunk_size;
  };
  const auto config = [] {
    return SourceConfig("toy").with_memory_limit("256MB").with_option("preset", "b1s");
  };
  EXPECT_EQ(first(config()), 5'000);
  EXPECT_EQ(first(config().with_option("preset", "b2s")), 20'000);
  EXPECT_EQ(first(config().with_chunk_size(8'000)), 8'000);
  EXPECT_EQ(first(config().with_max_chunk_size(1'000)), 1'000);

  auto source = open_toy({}, SourceConfig("toy").with_option("preset", "b1s"));
  EXPECT_LE(source->stats().memory_limit_bytes, 600'000'000);
  EXPECT_GT(source->stats().memory_limit_bytes, 0);
  EXPECT_EQ(open_toy({}, SourceConfig("toy").with_option("preset", "b9")).error().kind,
            ErrorKind::Config);
}

TEST(StreamingSource, SizeAndLimitCanChangeInMidStream) {
  auto source =
      open_toy({.rows = 100'000}, SourceConfig("toy").with_chunk_size(100).with_prefetch(false));
  EXPECT_EQ((**source->read_chunk()).height(), 100);
  source->set_chunk_size(1000);
  EXPECT_EQ((**source->read_chunk()).height(), 1000);
  EXPECT_TRUE(source->set_memory_limit(32 << 20));
  EXPECT_EQ(source->stats().memory_limit_bytes, 32 << 20);
  EXPECT_EQ(source->set_memory_limit(1000).error().kind, ErrorKind::MemoryLimit);
  EXPECT_EQ(source->stats().memory_limit_bytes, 32 << 20);
}

TEST(StreamingSource, CollectsWhatFitsAndRefusesTheRest) {
  auto small = open_toy({.rows = 1000}, SourceConfig("toy").with_chunk_size(100));
  const auto whole = small->collect();
  ASSERT_TRUE(whole) << whole.error().to_string();
  EXPECT_EQ(numbers_of(*whole), iota(0, 1000));
  auto empty = open_toy({.rows = 0});
  EXPECT_EQ(empty->collect()->height(), 0);
  auto large = open_toy({.rows = 10'000'000}, SourceConfig("toy").with_memory_limit("8MB"));
  const auto refused = large->collect();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::MemoryLimit);
  EXPECT_THAT(refused.error().hint, HasSubstr("read_chunk"));
}

TEST(StreamingSource, RefusesOptionsThatMakeNoSense) {
  EXPECT_EQ(open_toy({}, SourceConfig("toy").with_option("pause_above", "0.5")).error().kind,
            ErrorKind::Config);
  EXPECT_EQ(open_toy({}, SourceConfig("toy").with_memory_limit("lots")).error().kind,
            ErrorKind::Config);
}

}  // namespace
}  // namespace polarway
