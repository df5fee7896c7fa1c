// One thread and several must decode the same: rows, errors and their places, positions.

#include <arrow/memory_pool.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "formats/csv/csv_decoder.h"
#include "polarway/expr.h"
#include "support/csv_threads.h"
#include "support/memory_stream.h"
#include "support/rows_text.h"

namespace polarway::csv {
namespace {

using ::polarway::testing::append_rows;
using ::polarway::testing::CsvOutcome;
using ::polarway::testing::CsvReading;
using ::polarway::testing::make_context;
using ::polarway::testing::MemoryStream;
using ::polarway::testing::read_all;
using ::testing::HasSubstr;
using Table = ::polarway::testing::Rows;

// A file of random columns, with quotes, line ends in fields, blank lines and nulls; and, mostly,
// with one or two rows that cannot be read.
class RandomCsv {
 public:
  explicit RandomCsv(std::uint32_t seed) : random_(seed) {}

  std::string make() {
    const int num_columns = below(4) == 0 ? 1 : 1 + below(11);
    const int num_rows = below(5) == 0 ? below(3) : 50 + below(250);
    std::vector<int> kinds;
    std::string text;
    for (int column = 0; column < num_columns; ++column) {
      kinds.push_back(below(6));
      text += (column > 0 ? ",c" : "c") + std::to_string(column);
    }
    text += '\n';
    const int first_fault = below(2 * num_rows + 1);
    const int second_fault = below(2 * num_rows + 1);
    for (int row = 0; row < num_rows; ++row) {
      if (row >= 20 && (row == first_fault || row == second_fault)) {
        text += faulty_row(num_columns);
        continue;
      }
      for (int column = 0; column < num_columns; ++column) {
        if (column > 0) text += ',';
        text += field(kinds[static_cast<std::size_t>(column)]);
      }
      text += line_end();
    }
    if (below(2) == 0 && text.back() == '\n') text.pop_back();
    return text;
  }

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<std::uint32_t>(limit)); }

  std::string line_end() {
    switch (below(12)) {
      case 0:
        return "\r\n";
      case 1:
        return "\n\n";
      default:
        return "\n";
    }
  }

  std::string field(int kind) {
    if (below(10) == 0) return kind == 5 ? "\"\"" : "";
    switch (kind) {
      case 0:
        return std::to_string(below(1'000'000) - 500'000);
      case 1:
        return std::to_string(below(1000)) + "." + std::to_string(below(1000)) + "5";
      case 2:
        return below(2) == 0 ? "true" : "false";
      case 3:
        return "20" + std::to_string(10 + below(15)) + "-0" + std::to_string(1 + below(9)) + "-11";
      case 4:
        return "2024-02-29T12:00:" + std::to_string(10 + below(49));
      default:
        return text_field();
    }
  }

  std::string text_field() {
    static const char* const kPieces[] = {"x",  "word",       "Zo\xC3\xAB", "\xE2\x82\xAC",
                                          "\n", "\r\n",       "\"\"",       ",",
                                          " ",  "long piece", "5\"\""};
    std::string text;
    for (int pieces = below(6); pieces >= 0; --pieces) text += kPieces[below(11)];
    return '"' + text + '"';
  }

  std::string faulty_row(int num_columns) {
    const std::string commas(static_cast<std::size_t>(num_columns - 1), ',');
    switch (below(5)) {
      case 0:
        return commas + ",,\n";  // ragged
      case 1:
        return "odd" + commas + "\n";  // a misfit, unless the column is text
      case 2:
        return "x\xFFy" + commas + "\n";  // not UTF-8
      case 3:
        return commas + "\"a\"b\n";  // text behind a quote
      default:
        return commas + "\"never closed\n";
    }
  }

  std::mt19937 random_;
};

// Without a filter, with one that leaves most rows, and with one that leaves few.
std::optional<Expr> filter_for(std::uint32_t seed) {
  if (seed % 3 == 0) return std::nullopt;
  return seed % 3 == 1 ? col("c0").is_not_null() : col("c0").is_null();
}

TEST(CsvParallel, RowsAndErrorsAreThoseOfOneThread) {
  for (std::uint32_t seed = 0; seed < 90; ++seed) {
    const std::string bytes = RandomCsv(seed).make();
    CsvReading reading{.bytes = bytes};
    reading.options.infer_schema_length = 15;
    reading.seekable = seed % 4 != 0;
    reading.filter = filter_for(seed);
    const CsvOutcome whole = read_all(reading);
    for (const std::int64_t block_bytes : {std::int64_t{100}, std::int64_t{3000}, kBlockBytes}) {
      for (const auto& [max_rows, max_bytes] : {std::pair<std::int64_t, std::int64_t>{1, 64 << 20},
                                                {7, 64 << 20},
                                                {1'000'000, 64 << 10},
                                                {1'000'000, 64 << 20}}) {
        reading.block_bytes = block_bytes;
        reading.max_rows = max_rows;
        reading.max_bytes = max_bytes;
        reading.num_threads = 1;
        const CsvOutcome serial = read_all(reading);
        EXPECT_EQ(serial.rows, whole.rows) << bytes;
        EXPECT_EQ(serial.error, whole.error) << bytes;
        for (const int num_threads : {2, 4}) {
          reading.num_threads = num_threads;
          const CsvOutcome parallel = read_all(reading);
          ASSERT_EQ(parallel.rows, serial.rows) << seed << ", " << num_threads << " threads";
          ASSERT_EQ(parallel.error, serial.error) << seed << ", " << num_threads << " threads";
          // Where a filter leaves few rows, how many make a chunk is a matter of what is at hand.
          if (reading.filter) continue;
          ASSERT_EQ(parallel.positions, serial.positions) << seed;
        }
      }
    }
  }
}

std::string table_of(int num_rows) {
  std::string bytes = "id,name,score,day\n";
  for (int i = 0; i < num_rows; ++i) {
    bytes += std::to_string(i) + ",name " + std::to_string(i * 7) + ",1." + std::to_string(i) +
             ",2024-01-01\n";
  }
  return bytes;
}

TEST(CsvParallel, ARetryableErrorLosesNothing) {
  const std::string bytes = table_of(2000);
  const CsvOutcome whole = read_all({.bytes = bytes});
  ASSERT_EQ(whole.rows.size(), 2000u);
  for (int nth = 8;; ++nth) {  // past the sample
    CsvReading reading{.bytes = bytes, .num_threads = 3, .block_bytes = 2000, .max_rows = 150};
    reading.options.infer_schema_length = 10;
    reading.faults = {.fail_read = nth, .kind = ErrorKind::Network};
    const CsvOutcome outcome = read_all(reading);
    EXPECT_EQ(outcome.rows, whole.rows);
    EXPECT_EQ(outcome.error, "");
    if (outcome.num_reads <= nth) break;
  }
}

TEST(CsvParallel, ACountIsThatOfOneThread) {
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    const std::string bytes = RandomCsv(seed).make();
    CsvReading reading{.bytes = bytes, .counts = true};
    for (const std::int64_t block_bytes : {20, 100, 3000}) {
      for (const std::int64_t max_rows : {1, 7, 1'000'000}) {
        reading.block_bytes = block_bytes;
        reading.max_rows = max_rows;
        reading.num_threads = 1;
        const CsvOutcome serial = read_all(reading);
        for (const int num_threads : {2, 4}) {
          reading.num_threads = num_threads;
          const CsvOutcome parallel = read_all(reading);
          ASSERT_EQ(parallel.rows.size(), serial.rows.size()) << seed << ' ' << block_bytes;
          ASSERT_EQ(parallel.error, serial.error) << seed << ' ' << block_bytes;
          ASSERT_EQ(parallel.positions, serial.positions) << seed << ' ' << block_bytes;
          if (parallel.error.empty()) {
            ASSERT_EQ(parallel.bytes_read, std::ssize(bytes)) << seed << ' ' << block_bytes;
          }
        }
      }
    }
  }
}

TEST(CsvParallel, ACountSurvivesAReadThatFails) {
  const std::string bytes = table_of(2000);
  for (int nth = 8;; ++nth) {  // past the sample
    CsvReading reading{.bytes = bytes, .num_threads = 3, .block_bytes = 2000, .counts = true};
    reading.options.infer_schema_length = 10;
    reading.faults = {.fail_read = nth, .kind = ErrorKind::Network};
    const CsvOutcome outcome = read_all(reading);
    EXPECT_EQ(outcome.rows.size(), 2000u);
    EXPECT_EQ(outcome.error, "");
    if (outcome.num_reads <= nth) break;
  }
}

TEST(CsvParallel, AFilterLeavesTheRowsForWhichItIsTrue) {
  const std::string bytes = table_of(5000);
  const Table all = read_all({.bytes = bytes}).rows;
  for (const int num_threads : {1, 3}) {
    for (const std::int64_t max_rows : {1, 100, 100'000}) {
      for (const std::int64_t from : {0, 4999, 2500, 5000}) {
        const CsvOutcome outcome = read_all({.bytes = bytes,
                                             .num_threads = num_threads,
                                             .block_bytes = 3000,
                                             .max_rows = max_rows,
                                             .filter = col("id") >= from});
        EXPECT_EQ(outcome.error, "");
        EXPECT_EQ(outcome.rows, Table(all.begin() + from, all.end())) << from;
      }
    }
  }
}

TEST(CsvParallel, FewRowsThatAFilterLeavesAreGatheredIntoChunks) {
  const CsvOutcome outcome = read_all({.bytes = table_of(20'000),
                                       .num_threads = 2,
                                       .block_bytes = 3000,
                                       .max_rows = 1000,
                                       .filter = col("name").eq("name 7") || col("id") > 19'000});
  EXPECT_EQ(outcome.rows.size(), 1000u);
  EXPECT_LE(outcome.positions.size(), 4u);
}

TEST(CsvParallel, ARowThatAFilterLeavesOutIsNotConverted) {
  const std::string good = table_of(100);
  const std::string bytes = good + "100,no score,oops,2024-01-01\n101,end,1.5,2024-01-01\n";
  for (const int num_threads : {1, 3}) {
    CsvReading reading{.bytes = bytes, .num_threads = num_threads, .block_bytes = 500};
    reading.options.infer_schema_length = 10;
    reading.filter = col("id") > 50 && col("id") != 100;
    const CsvOutcome without = read_all(reading);
    EXPECT_EQ(without.error, "");
    EXPECT_EQ(without.rows.size(), 50u);
    reading.filter = col("id") > 50;
    const CsvOutcome with = read_all(reading);
    EXPECT_EQ(with.rows.size(), 49u);  // the good rows before it
    EXPECT_THAT(with.error, HasSubstr("row 101"));
    EXPECT_THAT(with.error, HasSubstr("oops"));
    reading.filter = col("score") > 0;  // a row that the filter itself cannot read
    const CsvOutcome unreadable = read_all(reading);
    EXPECT_EQ(unreadable.rows.size(), 100u);
    EXPECT_EQ(unreadable.error, with.error);
  }
}

TEST(CsvParallel, AFilterThatCannotBeComputedEndsTheRowsBeforeItsRun) {
  const std::string bytes = table_of(2000) + "9223372036854775807,max,1.5,2024-01-01\n";
  for (const int num_threads : {1, 3}) {
    CsvReading reading{.bytes = bytes, .num_threads = num_threads, .block_bytes = 1000};
    reading.filter = col("id") + 1 > 0;
    const CsvOutcome outcome = read_all(reading);
    EXPECT_THAT(outcome.error, HasSubstr("overflow"));
    EXPECT_GT(outcome.rows.size(), 1900u);
  }
}

TEST(CsvParallel, WhatOneThreadHasRoomForSeveralHave) {
  // A row much larger than a block makes it grow, out of the same budget as more windows.
  std::string bytes = table_of(300);
  bytes += "1,\"" + std::string(5'000'000, 'x') + "\",1.5,2024-01-01\n" + table_of(300).substr(18);
  std::size_t num_errors = 0;
  for (std::int64_t limit_bytes = 8'000'000; limit_bytes < 12'000'000; limit_bytes += 200'000) {
    // 4,096 times as large it takes nearly all that there is where more windows are still found.
    CsvReading reading{
        .bytes = bytes, .block_bytes = 2300, .max_rows = 100, .limit_bytes = limit_bytes};
    reading.options.infer_schema_length = 10;  // the sample does not get there
    const CsvOutcome serial = read_all(reading);
    num_errors += serial.error.empty() ? 0 : 1;
    reading.num_threads = 2;
    const CsvOutcome parallel = read_all(reading);
    EXPECT_EQ(parallel.rows, serial.rows) << limit_bytes;
    EXPECT_EQ(parallel.error, serial.error) << limit_bytes;
  }
  EXPECT_GT(num_errors, 0u);
  EXPECT_LT(num_errors, 20u);
}

// What a decoder holds of the budget, by itself, after a chunk.
std::int64_t held_after_a_chunk(const CsvReading& reading) {
  const Context context = make_context(reading);
  auto decoder = make_csv_decoder({}, reading.block_bytes);
  EXPECT_TRUE(decoder->open(std::make_unique<MemoryStream>(reading.bytes), {}, context));
  EXPECT_TRUE(decoder->read({.max_rows = 10, .max_bytes = 1 << 20, .stop = {}}));
  return context.budget->reserved_bytes();
}

TEST(CsvParallel, MemoryForMoreWindowsIsPaidForAndOnlyTakenWhereThereIsMuch) {
  const std::string bytes = table_of(100);
  EXPECT_EQ(held_after_a_chunk({.bytes = bytes, .num_threads = 1}), 0);
  EXPECT_GT(held_after_a_chunk({.bytes = bytes, .num_threads = 2}), 2 * kBlockBytes);
  EXPECT_EQ(held_after_a_chunk({.bytes = bytes, .num_threads = 2, .limit_bytes = 4 << 20}), 0);
}

TEST(CsvParallel, GivesMemoryBackWhenItGetsScarce) {
  const CsvReading reading{.bytes = table_of(100), .num_threads = 2};
  const Context context = make_context(reading);
  auto decoder = make_csv_decoder({}, reading.block_bytes);
  ASSERT_TRUE(decoder->open(std::make_unique<MemoryStream>(reading.bytes), {}, context));
  const ChunkTarget target{.max_rows = 30, .max_bytes = 1 << 20, .stop = {}};
  Table rows;
  append_rows(*(**decoder->read(target)).rows, rows);
  const std::int64_t held = context.budget->reserved_bytes();
  ASSERT_GT(held, 0);
  {
    const auto others =
        context.budget->reserve(context.budget->available_bytes() - (1 << 20), LeaseHolder::User);
    ASSERT_TRUE(others);
    append_rows(*(**decoder->read(target)).rows, rows);
    EXPECT_EQ(context.budget->reserved_bytes(), others->bytes());
  }
  append_rows(*(**decoder->read(target)).rows, rows);
  EXPECT_EQ(context.budget->reserved_bytes(), held);
  append_rows(*(**decoder->read(target)).rows, rows);
  EXPECT_EQ(rows, read_all(reading).rows);
}

TEST(CsvParallel, GivesMemoryBackForARowThatIsLargerThanAChunkMayBe) {
  CsvReading reading{.bytes = table_of(50), .num_threads = 2};
  reading.bytes += "1,\"" + std::string(100'000, 'x') + "\",1.5,2024-01-01\n";
  const Context context = make_context(reading);
  auto decoder = make_csv_decoder({}, reading.block_bytes);
  ASSERT_TRUE(decoder->open(std::make_unique<MemoryStream>(reading.bytes), {}, context));
  const ChunkTarget target{.max_rows = 50, .max_bytes = 50'000, .stop = {}};
  ASSERT_TRUE(decoder->read(target));
  EXPECT_GT(context.budget->reserved_bytes(), 0);
  const auto too_large = decoder->read(target);
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().kind, ErrorKind::MemoryLimit);
  EXPECT_EQ(context.budget->reserved_bytes(), 0);
  EXPECT_TRUE(decoder->read({.max_rows = 50, .max_bytes = 1 << 20, .stop = {}}));
}

TEST(CsvParallel, AStopLosesNothing) {
  const CsvReading reading{.bytes = table_of(500), .num_threads = 2, .block_bytes = 1000};
  const Context context = make_context(reading);
  auto decoder = make_csv_decoder({}, reading.block_bytes);
  ASSERT_TRUE(decoder->open(std::make_unique<MemoryStream>(reading.bytes), {}, context));
  std::stop_source stop;
  stop.request_stop();
  Table rows;
  for (;;) {
    const auto stopped =
        decoder->read({.max_rows = 40, .max_bytes = 1 << 20, .stop = stop.get_token()});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::Cancelled);
    const auto batch = decoder->read({.max_rows = 40, .max_bytes = 1 << 20, .stop = {}});
    ASSERT_TRUE(batch);
    if (!*batch) break;
    append_rows(*(*batch)->rows, rows);
  }
  EXPECT_EQ(rows, read_all(reading).rows);
}

}  // namespace
}  // namespace polarway::csv
