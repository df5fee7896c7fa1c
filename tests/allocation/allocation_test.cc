// The n-th allocation of our own code fails, for every n, once and from then on, on whatever thread
// it is: what comes out is right, or an error; nobody throws, ends the process or leaks (fault M3).

#include <arrow/array.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <latch>
#include <memory>
#include <optional>
#include <thread>

#include "allocation/failing_new.h"
#include "polarway/executor.h"
#include "polarway/registry.h"
#include "polarway/sink.h"
#include "support/rows_text.h"
#include "support/temporary_folder.h"

namespace polarway {
namespace {

using ::polarway::testing::append_rows;
using ::polarway::testing::read_text;
using ::polarway::testing::Rows;
using ::polarway::testing::TemporaryFolder;
using ::polarway::testing::write_text;
using ::polarway::testing::failing_new::Exempt;
namespace failing_new = ::polarway::testing::failing_new;

constexpr int kRows = 90;

std::string people() {
  std::string text = "id,name,age\n";
  for (int i = 0; i < kRows; ++i) {
    text += std::to_string(i) + ",\"somebody \"\"" + std::to_string(i) + "\"\"\"," +
            (i % 7 == 0 ? "" : std::to_string(i % 100)) + "\n";
  }
  return text;
}

std::int64_t open_files() {
  std::int64_t count = 0;
#ifndef __SANITIZE_THREAD__  // which opens programs and libraries, to look up what it suppresses
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
#endif
  return count;
}

// What a consumer has in the end. The rows are those before the error.
struct Outcome {
  Rows rows;
  std::optional<SourceError> error;
};

// Runs with one allocation failing; all that is not `Exempt` counts.
using Scenario = std::function<void(Outcome&)>;

// Where the failure was, for whoever reads that the process ended.
std::string& now() {
  static std::string text;
  return text;
}

// What a thread has for as long as it lives is no leak of whoever had it started.
void start_all_threads() {
  Executor& executor = *Executor::global();
  const auto all_run = std::make_shared<std::latch>(executor.num_threads());
  for (int i = 0; i < executor.num_threads(); ++i) {
    ASSERT_TRUE(executor.submit([all_run] { all_run->arrive_and_wait(); }));
  }
  all_run->wait();
}

void fail_each(const Scenario& scenario) {
  start_all_threads();
  std::set_terminate([] {
    std::fprintf(stderr, "terminated at %s\n", now().c_str());
    std::abort();
  });
  const auto run = [&](std::int64_t nth, bool for_ever) {
    Outcome outcome;
    failing_new::arm(nth, for_ever);
    try {
      scenario(outcome);
    } catch (const std::exception& error) {
      failing_new::disarm();
      ADD_FAILURE() << error.what() << " crossed the interface";
    }
    return std::make_pair(std::move(outcome), failing_new::disarm());
  };
  const Outcome expected = run(INT64_MAX, false).first;  // makes what is made once, too
  ASSERT_FALSE(expected.error) << expected.error->to_string();
  ASSERT_FALSE(expected.rows.empty());

  std::int64_t failures = 0;
  for (const bool for_ever : {false, true}) {
    for (std::int64_t nth = 1;; ++nth) {
      now() = "allocation " + std::to_string(nth) + (for_ever ? " and all that follow" : "");
      SCOPED_TRACE(now());
      ASSERT_LT(nth, 100'000);
      bool was_hit = false;
      const auto run_once = [&] {
        const auto [outcome, counted] = run(nth, for_ever);
        was_hit = counted >= nth;
        const Rows& rows = outcome.rows;
        if (outcome.error) {
          EXPECT_EQ(outcome.error->kind, ErrorKind::MemoryLimit) << outcome.error->to_string();
          EXPECT_TRUE(rows.size() <= expected.rows.size() &&
                      std::equal(rows.begin(), rows.end(), expected.rows.begin()));
        } else {
          EXPECT_EQ(rows, expected.rows);
        }
      };
      const std::int64_t files_before = open_files();
      run_once();  // may make what an error makes once
      const std::int64_t live_before = failing_new::live();
      run_once();
      // A thread that reads ahead may be about to let go.
      for (int i = 0; i < 1'000 && failing_new::live() > live_before; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      EXPECT_LE(failing_new::live(), live_before) << "leaked";
      EXPECT_EQ(open_files(), files_before);
      if (::testing::Test::HasFailure()) return;
      if (!was_hit) break;
      ++failures;
    }
  }
  EXPECT_GT(failures, 10);
}

struct Setting {
  const TemporaryFolder folder;
  std::shared_ptr<MemoryBudget> budget;

  Setting() { write_text(folder / "people.csv", people()); }

  // A budget for each run: all of it is given back in the end.
  SourceConfig config(bool prefetch = false) {
    budget = MemoryBudget::make(16 << 20);
    return SourceConfig(folder / "people.csv")
        .with_budget(budget)
        .with_prefetch(prefetch)
        .with_chunk_size(30)
        .with_max_chunk_size(40);
  }
  void expect_all_given_back() {
    EXPECT_EQ(budget->reserved_bytes(), 0);
    EXPECT_EQ(budget->chunks_held(), 0);
    EXPECT_EQ(budget->arrow_pool()->bytes_allocated(), 0);
  }
};

// The test's own part of a scenario.
template <class Work>
auto exempt(Work work) {
  const Exempt on_this_thread;
  return work();
}

void read_through(StreamingSource& source, Outcome& outcome) {
  for (int errors = 0; errors < 3;) {
    const Result<std::optional<DataFrame>> chunk = source.read_chunk();
    (void)source.stats();
    (void)source.checkpoint();
    if (!chunk) {
      const Exempt own;
      outcome.error = chunk.error();
      ++errors;
      continue;  // goes on behind what was delivered, or says the same again
    }
    if (!*chunk) {
      outcome.error.reset();
      return;
    }
    const Exempt own;
    append_rows(*(*chunk)->arrow(), outcome.rows);
  }
}

void read_a_stream(bool prefetch) {
  Setting setting;
  fail_each([&](Outcome& outcome) {
    {
      const SourceConfig config = exempt([&] {
        return setting.config(prefetch)
            .with_filter(col("id") != lit(3))
            .with_columns({"name", "age"});
      });
      const auto registry = exempt([] { return SourceRegistry(); });
      Result<StreamingSource> source = registry.create_for(config);
      if (source) {
        read_through(*source, outcome);
        source->close();
      } else {
        exempt([&] { outcome.error = source.error(); });
      }
    }
    exempt([&] { setting.expect_all_given_back(); });
  });
}

TEST(FailedAllocation, OfAStreamIsAnErrorAndNothingIsLost) { read_a_stream(false); }

TEST(FailedAllocation, OfAStreamThatReadsAheadIsAnErrorAndNothingIsLost) { read_a_stream(true); }

TEST(FailedAllocation, OfCollectAndResetIsAnError) {
  Setting setting;
  fail_each([&](Outcome& outcome) {
    {
      const SourceConfig config = exempt([&] { return setting.config(); });
      const auto registry = exempt([] { return SourceRegistry(); });
      Result<StreamingSource> source = registry.create("csv", config);
      Result<void> reset;
      Result<DataFrame> whole = fail({});
      if (source) {
        (void)source->read_chunk();
        reset = source->reset();
        whole = source->collect();  // after a reset that failed this is no end, but an error
        (void)source->splits(3);
      }
      const Exempt own;
      if (source && !reset) {
        outcome.error = reset.error();
      } else if (source && whole) {
        append_rows(*whole->arrow(), outcome.rows);
      } else {
        outcome.error = source ? whole.error() : source.error();
      }
    }
    exempt([&] { setting.expect_all_given_back(); });
  });
}

TEST(FailedAllocation, OfAQueryIsAnErrorAndTheChunkStaysGood) {
  Setting setting;
  fail_each([&](Outcome& outcome) {
    {
      const auto chunk = exempt([&] {
        return std::move(**SourceRegistry().create("csv", setting.config())->read_chunk());
      });
      const auto query = exempt([&] {
        return chunk.lazy()
            .filter(col("id") > lit(2) && col("name").is_not_null())
            .select({(col("age") + lit(1)).alias("next"), col("name")})
            .limit(20);
      });
      const Result<DataFrame> computed = query.collect();
      (void)chunk.column("nobody");
      const Exempt own;
      EXPECT_EQ(chunk.height(), 30);
      EXPECT_TRUE(chunk.arrow()->ValidateFull().ok());
      if (computed) {
        append_rows(*computed->arrow(), outcome.rows);
      } else {
        outcome.error = computed.error();
      }
    }
    exempt([&] { setting.expect_all_given_back(); });
  });
}

// Not what reads JSON: nlohmann's objects need memory even to go away.
TEST(FailedAllocation, OfWhatReadsTextIsAnError) {
  fail_each([&](Outcome& outcome) {
    const auto expr = parse_expr("upper_bound * 2 > 17 and name in ('Ada', 'Grace')");
    const auto type = DataType::parse("timestamp[us, UTC]");
    const Exempt own;
    if (expr && type) {
      outcome.rows = {expr->to_string(), type->to_string()};
    } else {
      outcome.error = expr ? type.error() : expr.error();
    }
  });
}

void write_a_file(const std::string& name) {
  Setting setting;
  fail_each([&](Outcome& outcome) {
    auto out = exempt([] { return std::make_unique<TemporaryFolder>(); });
    {
      const SourceConfig config = exempt([&] { return setting.config(); });
      auto source = exempt([&] { return SourceRegistry().create("csv", config); });
      const SinkConfig to = exempt([&] {
        return SinkConfig{.path = *out / name,
                          .format = {},
                          .schema = source->metadata().schema,
                          .budget = source->budget()};
      });
      Result<std::unique_ptr<Sink>> sink = make_sink(to);
      Result<void> done;
      if (!sink) done = exempt([&] { return fail(sink.error()); });
      while (done) {
        const auto chunk = exempt([&] { return *source->read_chunk(); });
        if (!chunk) break;
        done = (*sink)->write(*chunk);
      }
      if (done) {
        done = (*sink)->finish();
      } else if (sink) {
        (*sink)->abort();
      }
      if (!done) exempt([&] { outcome.error = done.error(); });
      if (sink) sink->reset();
      const Exempt own;
      source = fail({});
      done = {};
    }
    const Exempt own;
    if (outcome.error) {
      EXPECT_EQ(out->names(), std::set<std::string>()) << outcome.error->to_string();
    } else {
      EXPECT_EQ(out->names(), std::set<std::string>({name}));
      outcome.rows = {read_text(*out / name)};
    }
    setting.expect_all_given_back();
    out.reset();
  });
}

TEST(FailedAllocation, OfACsvSinkLeavesNoFile) { write_a_file("people.csv"); }

TEST(FailedAllocation, OfAParquetSinkLeavesNoFile) { write_a_file("people.parquet"); }

}  // namespace
}  // namespace polarway
