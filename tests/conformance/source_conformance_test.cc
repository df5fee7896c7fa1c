// What every kind of source must do, whatever it reads. A new kind joins by one entry in
// subjects().

#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <thread>

#include "polarway/registry.h"
#include "support/rows_text.h"
#include "support/temporary_folder.h"
#include "support/toy_reader.h"

namespace polarway {
namespace {

using ::polarway::testing::append_rows;
using ::polarway::testing::Rows;
using ::polarway::testing::TemporaryFolder;
using ::polarway::testing::Toy;
using ::polarway::testing::ToyReader;
using namespace std::chrono_literals;

constexpr std::int64_t kNumRows = 1000;

/// A kind, ready to be read: its first column must be the int64 `n`, counting from 0 to 999.
struct Subject {
  std::string kind;
  std::string location;
  std::optional<SourceKind> registered = {};  // for kinds that are not built in
  std::string name = kind;
};

void PrintTo(const Subject& subject, std::ostream* out) { *out << subject.name; }

SourceKind toy_kind() {
  SourceKind kind;
  kind.name = "toy";
  kind.description = "For tests.";
  kind.make_reader = [](const SourceConfig&) -> Result<std::unique_ptr<SourceReader>> {
    return std::make_unique<ToyReader>(Toy{.rows = kNumRows});
  };
  return kind;
}

std::string csv_file() {
  static const TemporaryFolder folder;
  static const std::string path = [] {
    std::ofstream file(folder / "rows.csv");
    file << "n,text\n";
    for (std::int64_t i = 0; i < kNumRows; ++i) file << i << ",\"line\n\"\"" << i << "\"\n";
    return folder / "rows.csv";
  }();
  return path;
}

// The same rows, in several files, one of them without rows.
std::string csv_folder() {
  static const TemporaryFolder folder;
  static const bool made = [] {
    std::int64_t i = 0;
    for (const std::int64_t end : {400, 400, 401, 1000}) {
      std::ofstream file(
          folder / ("up-to-" + std::to_string(10'000 + end) + "-" + std::to_string(i) + ".csv"));
      file << "n,text\n";
      for (; i < end; ++i) file << i << ",\"line\n\"\"" << i << "\"\n";
    }
    return true;
  }();
  (void)made;
  return folder.path();
}

// The same rows as JSON: one a line, or one array.
std::string json_file(bool is_array) {
  static const TemporaryFolder folder;
  const std::string path = folder / (is_array ? "rows.json" : "rows.ndjson");
  std::ofstream file(path);
  if (is_array) file << "[";
  for (std::int64_t i = 0; i < kNumRows; ++i) {
    if (is_array && i > 0) file << ",";
    file << "{\"n\":" << i << ",\"text\":\"line\\n\\\"" << i << "\"}\n";
  }
  if (is_array) file << "]";
  return path;
}

std::vector<Subject> subjects() {
  return {{"toy", "toy", toy_kind()},
          {"csv", csv_file()},
          {.kind = "csv", .location = csv_folder(), .name = "csv_folder"},
          {"json", json_file(true)},
          {"ndjson", json_file(false)}};
}

class EverySource : public ::testing::TestWithParam<Subject> {
 protected:
  void SetUp() override {
    if (GetParam().registered) {
      ASSERT_TRUE(registry.register_kind(*GetParam().registered));
    }
  }
  SourceConfig config() const {
    return SourceConfig(GetParam().location).with_memory_limit("64MB");
  }
  StreamingSource open(const SourceConfig& with) const {
    auto source = registry.create(GetParam().kind, with);
    EXPECT_TRUE(source) << source.error().to_string();
    return *std::move(source);
  }
  static Rows drain(StreamingSource source) {
    Rows rows;
    for (Result<DataFrame>& chunk : source) {
      EXPECT_TRUE(chunk) << chunk.error().to_string();
      if (!chunk) break;
      EXPECT_GT(chunk->height(), 0);
      EXPECT_TRUE(chunk->schema() == source.metadata().schema);
      EXPECT_TRUE(chunk->arrow()->ValidateFull().ok());
      append_rows(*chunk->arrow(), rows);
    }
    return rows;
  }
  Rows read(const SourceConfig& with) const { return drain(open(with)); }

  SourceRegistry registry;
};

INSTANTIATE_TEST_SUITE_P(Conformance, EverySource, ::testing::ValuesIn(subjects()),
                         [](const auto& subject) { return subject.param.name; });

TEST_P(EverySource, ChunksJoinedAreTheWholeAtEverySizeOfChunk) {
  const Rows whole = read(config());
  ASSERT_EQ(whole.size(), static_cast<std::size_t>(kNumRows));
  for (const int chunk_size : {1, 7, 100, 100'000}) {
    for (const bool prefetch : {false, true}) {
      EXPECT_EQ(read(config().with_chunk_size(chunk_size).with_prefetch(prefetch)), whole);
    }
  }
}

TEST_P(EverySource, ReadsTheColumnsWantedInTheirOrder) {
  StreamingSource source = open(config().with_columns({"n"}));
  EXPECT_EQ(source.metadata().schema.names(), std::vector<std::string>{"n"});
  const Rows rows = drain(std::move(source));
  EXPECT_EQ(rows.front(), "0");
  EXPECT_EQ(rows.size(), static_cast<std::size_t>(kNumRows));
}

TEST_P(EverySource, FiltersAndLimits) {
  EXPECT_EQ(read(config().with_columns({"n"}).with_filter(col("n") >= 995)),
            (Rows{"995", "996", "997", "998", "999"}));
  EXPECT_EQ(read(config().with_columns({"n"}).with_filter(col("n") >= 10).with_limit(2)),
            (Rows{"10", "11"}));
  EXPECT_EQ(read(config().with_limit(0)), Rows{});
}

TEST_P(EverySource, GoesOnExactlyAfterEveryCheckpoint) {
  if (!open(config()).metadata().seekable) return;
  const Rows whole = read(config());
  StreamingSource source = open(config().with_chunk_size(130));
  std::size_t rows = 0;
  while (auto chunk = *source.read_chunk()) {
    rows += static_cast<std::size_t>(chunk->height());
    const Checkpoint checkpoint = *Checkpoint::from_json(source.checkpoint()->to_json());
    EXPECT_EQ(checkpoint.rows, static_cast<std::int64_t>(rows));
    EXPECT_EQ(read(config().with_resume(checkpoint)),
              Rows(whole.begin() + static_cast<std::ptrdiff_t>(rows), whole.end()));
  }
}

TEST_P(EverySource, StartsAgainAfterReset) {
  StreamingSource source = open(config().with_chunk_size(10));
  if (!source.metadata().seekable) return;
  (void)source.read_chunk();
  ASSERT_TRUE(source.reset());
  EXPECT_EQ(drain(std::move(source)), read(config()));
}

TEST_P(EverySource, SplitsTogetherAreTheWhole) {
  if (!open(config()).metadata().splittable) return;
  const Rows whole = read(config());
  for (const int n : {1, 3, 8}) {
    Rows joined;
    const std::vector<Split> splits = *open(config()).splits(n);
    for (const Split& split : splits) {
      const Rows piece = read(config().with_split(split));
      joined.insert(joined.end(), piece.begin(), piece.end());
    }
    EXPECT_EQ(joined, whole);
  }
}

TEST_P(EverySource, RefusesALimitBelowItsFloorAndSaysIt) {
  const auto source =
      registry.create(GetParam().kind, SourceConfig(GetParam().location).with_memory_limit(1000));
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().kind, ErrorKind::MemoryLimit);
  EXPECT_NE(source.error().hint.find("at least"), std::string::npos);
}

TEST_P(EverySource, CountsAllItsBytesAndGivesThemBack) {
  const auto budget = MemoryBudget::make(64 << 20);
  {
    // Without reading ahead, so that the two counters are read at one moment.
    StreamingSource source = open(SourceConfig(GetParam().location)
                                      .with_budget(budget)
                                      .with_chunk_size(100)
                                      .with_prefetch(false));
    while (auto chunk = *source.read_chunk()) {
      EXPECT_LE(budget->arrow_pool()->bytes_allocated(), budget->reserved_bytes());
    }
  }
  EXPECT_EQ(budget->reserved_bytes(), 0);
  EXPECT_EQ(budget->arrow_pool()->bytes_allocated(), 0);
}

TEST_P(EverySource, StopsInTime) {
  StreamingSource source = open(config().with_chunk_size(1));
  std::stop_source stop;
  stop.request_stop();
  const auto start = std::chrono::steady_clock::now();
  const auto chunk = source.read_chunk(stop.get_token());
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);  // promised: 200 ms; machines are busy
  if (!chunk) {
    EXPECT_EQ(chunk.error().kind, ErrorKind::Cancelled);
  }
}

TEST_P(EverySource, TwoOfItShareOneBudget) {
  const auto budget = MemoryBudget::make(16 << 20);
  const auto shared = SourceConfig(GetParam().location).with_budget(budget).with_chunk_size(50);
  StreamingSource one = open(shared);
  StreamingSource two = open(shared);
  std::int64_t rows = 0;
  bool more = true;
  while (more) {
    more = false;
    for (StreamingSource* source : {&one, &two}) {
      if (auto chunk = *source->read_chunk()) {
        rows += chunk->height();
        more = true;
      }
    }
    EXPECT_LE(budget->peak_reserved_bytes(), 16 << 20);
  }
  EXPECT_EQ(rows, 2 * kNumRows);
}

TEST_P(EverySource, RefusesUnknownOptionsAndColumns) {
  EXPECT_EQ(
      registry.create(GetParam().kind, config().with_option("no_such_option", "1")).error().kind,
      ErrorKind::Config);
  EXPECT_EQ(registry.create(GetParam().kind, config().with_filter(col("no_such_column") > 1))
                .error()
                .kind,
            ErrorKind::Config);
}

}  // namespace
}  // namespace polarway
