// The system refuses the n-th block of the budget's pool, for every n, once and from then on: the
// rows are exact, or there is an error, and everything is given back (fault M2).

#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>

#include "core/budget_state.h"
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

constexpr int kRows = 900;

// Its texts fill blocks that grow, and a row that does not fit the first block.
std::string people() {
  std::string text = "id,name,age\n";
  for (int i = 0; i < kRows; ++i) {
    text += std::to_string(i) + "," + std::string(i == 500 ? 1'500'000 : 100, 'n') + "," +
            (i % 7 == 0 ? "" : std::to_string(i % 100)) + "\n";
  }
  return text;
}

struct Outcome {
  Rows rows;
  std::optional<SourceError> error;
};

using Consumer = std::function<Outcome(const SourceConfig&)>;

// Goes on after an error, up to three times: it must be where it was, or say the same again.
Outcome read_all(const SourceConfig& config) {
  Outcome outcome;
  Result<StreamingSource> source = SourceRegistry().create("csv", config);
  if (!source) return {{}, source.error()};
  for (int errors = 0; errors < 3;) {
    const Result<std::optional<DataFrame>> chunk = source->read_chunk();
    if (!chunk) {
      outcome.error = chunk.error();
      ++errors;
      continue;
    }
    if (!*chunk) return {outcome.rows, {}};
    append_rows(*(*chunk)->arrow(), outcome.rows);
  }
  return outcome;
}

Outcome write_all(const SourceConfig& config) {
  const TemporaryFolder folder;
  const auto write = [&]() -> Result<void> {
    POLARWAY_TRY(StreamingSource source, SourceRegistry().create("csv", config));
    POLARWAY_TRY(const std::unique_ptr<Sink> sink, make_sink({.path = folder / "out.csv",
                                                              .format = {},
                                                              .schema = source.metadata().schema,
                                                              .budget = source.budget()}));
    for (Result<DataFrame>& chunk : source) {
      if (!chunk) return fail(chunk.error());
      POLARWAY_CHECK(sink->write(*chunk));
    }
    return sink->finish();
  };
  const Result<void> written = write();
  if (written) return {{read_text(folder / "out.csv")}, {}};
  EXPECT_EQ(folder.names(), std::set<std::string>());
  return {{}, written.error()};
}

void refuse_each(const Consumer& consume, const std::optional<Expr>& filter = {}) {
  const TemporaryFolder folder;
  write_text(folder / "people.csv", people());
  const auto run = [&](bool prefetch, std::int64_t nth, bool for_ever, std::int64_t& asked_for) {
    const auto budget = MemoryBudget::make(64 << 20);
    std::atomic<std::int64_t> asked = 0;
    budget->state().pool.set_admit([&, nth, for_ever](std::int64_t) {
      const std::int64_t number = ++asked;
      return for_ever ? number < nth : number != nth;
    });
    SourceConfig config(folder / "people.csv");
    config.with_budget(budget).with_prefetch(prefetch).with_chunk_size(200).with_max_chunk_size(
        300);
    if (filter) config.with_filter(*filter);
    Outcome outcome = consume(config);
    EXPECT_EQ(budget->reserved_bytes(), 0);
    EXPECT_EQ(budget->chunks_held(), 0);
    EXPECT_EQ(budget->arrow_pool()->bytes_allocated(), 0);
    asked_for = asked;
    return outcome;
  };
  for (const bool prefetch : {false, true}) {
    std::int64_t asked = 0;
    const Outcome expected = run(prefetch, INT64_MAX, false, asked);
    ASSERT_FALSE(expected.error) << expected.error->to_string();
    ASSERT_FALSE(expected.rows.empty());
    EXPECT_GT(asked, 10);
    for (const bool for_ever : {false, true}) {
      for (std::int64_t nth = 1;; ++nth) {
        SCOPED_TRACE("block " + std::to_string(nth) + (for_ever ? " and all that follow" : ""));
        ASSERT_LT(nth, 10'000);
        const Outcome outcome = run(prefetch, nth, for_ever, asked);
        if (outcome.error) {
          EXPECT_EQ(outcome.error->kind, ErrorKind::MemoryLimit) << outcome.error->to_string();
          EXPECT_TRUE(outcome.rows.size() <= expected.rows.size() &&
                      std::equal(outcome.rows.begin(), outcome.rows.end(), expected.rows.begin()));
        } else {
          EXPECT_TRUE(outcome.rows == expected.rows);
        }
        if (::testing::Test::HasFailure()) return;
        if (asked < nth) break;
      }
    }
  }
}

TEST(RefusedBlock, OfAStreamIsAnErrorAndNoRowIsWrong) { refuse_each(read_all); }

TEST(RefusedBlock, OfAFilteredStreamIsAnErrorAndNoRowIsWrong) {
  refuse_each(read_all, col("age") > lit(10));
}

TEST(RefusedBlock, OfACsvSinkLeavesNoFile) { refuse_each(write_all); }

}  // namespace
}  // namespace polarway
