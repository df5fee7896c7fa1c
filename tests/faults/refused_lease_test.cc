// The n-th lease is refused, for every n, once and from then on, through whole streams: what comes
// out is the exact rows or MemoryLimit, and nothing stays behind (fault M2).

#include <arrow/io/file.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>

#include <functional>
#include <limits>
#include <optional>

#include "core/budget_state.h"
#include "polarway/registry.h"
#include "polarway/sink.h"
#include "support/http_server.h"
#include "support/rows_text.h"
#include "support/temporary_folder.h"

namespace polarway {
namespace {

using ::polarway::testing::append_rows;
using ::polarway::testing::HttpServer;
using ::polarway::testing::read_text;
using ::polarway::testing::Rows;
using ::polarway::testing::TemporaryFolder;
using ::polarway::testing::write_text;

constexpr std::int64_t kLimit = 64 << 20;
constexpr int kRows = 600;
// A row that neither the first block nor the first reservation of its chunk has room for.
constexpr int kWideRow = 451;
constexpr std::size_t kWideBytes = 3 << 20;

// Every seventh city is null; ages go from 0 to 99.
std::string people() {
  std::string text = "id,name,age,city\n";
  for (int i = 0; i < kRows; ++i) {
    const std::string name = i == kWideRow ? std::string(kWideBytes, 'w') : "n" + std::to_string(i);
    const std::string city = i % 7 == 0 ? "" : "city" + std::to_string(i % 5);
    text += std::to_string(i) + "," + name + "," + std::to_string(i % 100) + "," + city + "\n";
  }
  return text;
}

// Refuses the n-th lease that would fit, counted from 1, or all from the n-th on.
class Refusal {
 public:
  Refusal(MemoryBudget& budget, std::int64_t nth, bool for_ever) : budget_(budget) {
    std::lock_guard lock(budget_.state().mutex);
    budget_.state().admit = [this, nth, for_ever](std::int64_t, LeaseHolder) {
      ++asked_;
      const bool refused = for_ever ? asked_ >= nth : asked_ == nth;
      was_refused_ |= refused;
      return !refused;
    };
  }
  ~Refusal() {
    std::lock_guard lock(budget_.state().mutex);
    budget_.state().admit = nullptr;
  }
  Refusal(const Refusal&) = delete;
  Refusal& operator=(const Refusal&) = delete;

  bool was_refused() const {
    std::lock_guard lock(budget_.state().mutex);
    return was_refused_;
  }

 private:
  MemoryBudget& budget_;
  std::int64_t asked_ = 0;  // guarded by the budget's mutex, as what follows
  bool was_refused_ = false;
};

struct Outcome {
  Rows rows;
  std::optional<SourceError> error;
};

// What a consumer does with a stream that has not been opened yet.
using Consumer = std::function<Outcome(const SourceConfig&, bool tries_again)>;

Result<StreamingSource> open(const SourceConfig& config, bool tries_again) {
  Result<StreamingSource> source = SourceRegistry().create_for(config);
  if (!source && tries_again) source = SourceRegistry().create_for(config);
  return source;
}

// Reads on after a retryable error, if it may.
Outcome read_all(const SourceConfig& config, bool tries_again) {
  Outcome outcome;
  Result<StreamingSource> source = open(config, tries_again);
  if (!source) return {{}, source.error()};
  for (int errors = 0;;) {
    Result<std::optional<DataFrame>> chunk = source->read_chunk();
    if (!chunk && chunk.error().retryable() && tries_again && ++errors < 3) continue;
    if (!chunk) return {outcome.rows, chunk.error()};
    if (!*chunk) return outcome;
    append_rows(*(*chunk)->arrow(), outcome.rows);
  }
}

Outcome collect_all(const SourceConfig& config, bool tries_again) {
  Result<StreamingSource> source = open(config, tries_again);
  if (!source) return {{}, source.error()};
  Result<DataFrame> whole = source->collect();
  if (!whole && tries_again) {
    if (const Result<void> again = source->reset(); !again) return {{}, again.error()};
    whole = source->collect();
  }
  if (!whole) return {{}, whole.error()};
  Outcome outcome;
  append_rows(*whole->arrow(), outcome.rows);
  return outcome;
}

Outcome query_all(const SourceConfig& config, bool tries_again) {
  Outcome outcome;
  Result<StreamingSource> source = open(config, tries_again);
  if (!source) return {{}, source.error()};
  for (;;) {
    Result<std::optional<DataFrame>> chunk = source->read_chunk();
    if (!chunk && tries_again) chunk = source->read_chunk();
    if (!chunk) return {outcome.rows, chunk.error()};
    if (!*chunk) return outcome;
    const LazyFrame query = (*chunk)
                                ->lazy()
                                .filter(col("id") >= lit(3))
                                .select({(col("age") + lit(1)).alias("next"), col("name")})
                                .limit(1'000'000);
    Result<DataFrame> computed = query.collect();
    if (!computed && tries_again) computed = query.collect();
    if (!computed) return {outcome.rows, computed.error()};
    append_rows(*computed->arrow(), outcome.rows);
  }
}

Outcome read_parquet(const std::string& path) {
  const auto file = arrow::io::ReadableFile::Open(path).ValueOrDie();
  const auto reader = parquet::arrow::OpenFile(file, arrow::default_memory_pool()).ValueOrDie();
  const std::shared_ptr<arrow::Table> table = reader->ReadTable().ValueOrDie();
  Outcome outcome;
  append_rows(*table->CombineChunksToBatch().ValueOrDie(), outcome.rows);
  return outcome;
}

// The rows that a file has in the end; after an error there must be no file.
Outcome write_all(const SourceConfig& config, bool tries_again, const std::string& name) {
  const TemporaryFolder folder;
  const std::string path = folder / name;
  const auto write = [&]() -> Result<void> {
    POLARWAY_TRY(StreamingSource source, open(config, tries_again));
    POLARWAY_TRY(const std::unique_ptr<Sink> sink, make_sink({.path = path,
                                                              .format = {},
                                                              .schema = source.metadata().schema,
                                                              .budget = source.budget()}));
    for (Result<DataFrame>& chunk : source) {
      if (!chunk) return fail(chunk.error());
      POLARWAY_CHECK(sink->write(*chunk));
    }
    return sink->finish();
  };
  Result<void> written = write();
  if (!written) {
    EXPECT_EQ(folder.names(), std::set<std::string>());
  }
  if (!written && tries_again) written = write();
  if (!written) return {{}, written.error()};
  EXPECT_EQ(folder.names(), std::set<std::string>({name}));
  return name.ends_with("csv") ? Outcome{{read_text(path)}, {}} : read_parquet(path);
}

bool is_beginning_of(const Rows& part, const Rows& whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

// Runs a consumer with each lease refused in turn, until a run asks for fewer.
void refuse_each(const Consumer& consume, bool filtered, const std::string& location) {
  for (const bool prefetch : {false, true}) {
    const auto config_with = [&](const std::shared_ptr<MemoryBudget>& budget) {
      SourceConfig config(location);
      config.with_budget(budget).with_prefetch(prefetch).with_chunk_size(50).with_max_chunk_size(
          100);
      if (filtered) config.with_filter(col("age") > lit(10)).with_limit(500);
      return config;
    };
    const auto calm = MemoryBudget::make(kLimit);
    const Outcome expected = consume(config_with(calm), false);
    ASSERT_FALSE(expected.error) << expected.error->to_string();
    ASSERT_FALSE(expected.rows.empty());

    for (const bool for_ever : {false, true}) {
      std::int64_t refusals = 0;
      for (std::int64_t nth = 1;; ++nth) {
        SCOPED_TRACE((prefetch ? "prefetch, lease " : "lease ") + std::to_string(nth) +
                     (for_ever ? " and all that follow" : ""));
        ASSERT_LT(nth, 10'000);
        const auto budget = MemoryBudget::make(kLimit);
        const Refusal refusal(*budget, nth, for_ever);
        const Outcome outcome = consume(config_with(budget), /*tries_again=*/!for_ever);
        if (outcome.error) {
          EXPECT_TRUE(for_ever) << outcome.error->to_string();
          EXPECT_EQ(outcome.error->kind, ErrorKind::MemoryLimit) << outcome.error->to_string();
          EXPECT_TRUE(is_beginning_of(outcome.rows, expected.rows));
        } else {
          EXPECT_EQ(outcome.rows.size(), expected.rows.size());
          EXPECT_TRUE(outcome.rows == expected.rows);
        }
        EXPECT_EQ(budget->reserved_bytes(), 0);
        EXPECT_EQ(budget->chunks_held(), 0);
        EXPECT_EQ(budget->arrow_pool()->bytes_allocated(), 0);
        if (::testing::Test::HasFailure() || !refusal.was_refused()) break;
        ++refusals;
      }
      EXPECT_GT(refusals, 5);
    }
  }
}

void refuse_each(const Consumer& consume, bool filtered) {
  const TemporaryFolder folder;
  write_text(folder / "people.csv", people());
  refuse_each(consume, filtered, folder / "people.csv");
}

TEST(RefusedLease, OfAStreamIsMemoryLimitAndReadingGoesOnBehindIt) { refuse_each(read_all, false); }

TEST(RefusedLease, OfAFilteredStreamIsMemoryLimitAndReadingGoesOnBehindIt) {
  refuse_each(read_all, true);
}

TEST(RefusedLease, OfCollectIsMemoryLimitAndTheNextCollectIsWhole) {
  refuse_each(collect_all, true);
}

TEST(RefusedLease, OfAQueryIsMemoryLimitAndTheNextQueryIsWhole) { refuse_each(query_all, false); }

TEST(RefusedLease, OfACsvSinkLeavesNoFile) {
  refuse_each([](const SourceConfig& config,
                 bool tries_again) { return write_all(config, tries_again, "out.csv"); },
              true);
}

TEST(RefusedLease, OfAParquetSinkLeavesNoFile) {
  refuse_each([](const SourceConfig& config,
                 bool tries_again) { return write_all(config, tries_again, "out.parquet"); },
              false);
}

// The same people in a file of another format.
void refuse_each_of_a_file(const std::string& name) {
  const TemporaryFolder folder;
  write_text(folder / "people.csv", people());
  Result<StreamingSource> source = SourceRegistry().create_for(SourceConfig(folder / "people.csv"));
  ASSERT_TRUE(source) << source.error().to_string();
  auto sink = make_sink({.path = folder / name,
                         .format = {},
                         .schema = source->metadata().schema,
                         .budget = source->budget()});
  ASSERT_TRUE(sink) << sink.error().to_string();
  for (Result<DataFrame>& chunk : *source) ASSERT_TRUE(chunk && (*sink)->write(*chunk));
  ASSERT_TRUE((*sink)->finish());
  refuse_each(read_all, true, folder / name);
}

TEST(RefusedLease, OfLinesOfJsonIsMemoryLimitAndReadingGoesOnBehindIt) {
  refuse_each_of_a_file("people.ndjson");
}

TEST(RefusedLease, OfParquetIsMemoryLimitAndReadingGoesOnBehindIt) {
  refuse_each_of_a_file("people.parquet");
}

TEST(RefusedLease, OfArrowIsMemoryLimitAndReadingGoesOnBehindIt) {
  refuse_each_of_a_file("people.arrow");
}

TEST(RefusedLease, OfPagesIsMemoryLimitAndReadingGoesOnBehindIt) {
  const HttpServer server([](const std::string& target) {
    const int first = target.find("from=") == std::string::npos
                          ? 0
                          : std::atoi(target.c_str() + target.find("from=") + 5);
    std::string page = "{\"data\":[";
    for (int i = first; i < std::min(first + 100, kRows); ++i) {
      const std::string name =
          i == kWideRow ? std::string(kWideBytes, 'w') : "n" + std::to_string(i);
      page += (i > first ? ",{\"id\":" : "{\"id\":") + std::to_string(i) + ",\"name\":\"" + name +
              "\",\"age\":" + std::to_string(i % 100) + "}";
    }
    const bool is_last = first + 100 >= kRows;
    return page +
           "],\"next\":" + (is_last ? "null" : "\"?from=" + std::to_string(first + 100) + "\"") +
           "}";
  });
  refuse_each(read_all, true, server.url() + "/people");
}

}  // namespace
}  // namespace polarway
