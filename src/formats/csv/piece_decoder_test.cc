// Pieces that several threads decode make what one thread makes: rows, places, errors.

#include "formats/csv/piece_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/csv_threads.h"

namespace polarway::csv {
namespace {

using ::polarway::testing::append_rows;
using ::polarway::testing::CsvOutcome;
using ::polarway::testing::CsvReading;
using ::polarway::testing::make_context;
using ::polarway::testing::MemoryStream;
using ::polarway::testing::read_all;
using Table = ::polarway::testing::Rows;

std::string plain_row(int i) {
  return std::to_string(i) + ",name " + std::to_string(i * 7) + ",1." + std::to_string(i) + "," +
         (i % 3 == 0   ? "true"
          : i % 3 == 1 ? "false"
                       : "") +
         "\n";
}

std::string plain_rows(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += plain_row(i);
  return text;
}

const std::string kHeader = "id,name,score,good\n";

std::string plain_table(int num_rows) { return kHeader + plain_rows(0, num_rows); }

// Most of it is in quotes, where other rows seem to be.
std::string deceptive_table(int num_rows) {
  std::string text = kHeader;
  for (int i = 0; i < num_rows; ++i) {
    const std::string n = std::to_string(i);
    text += n + ",\"x\n7,y,1.5,true\n8,y,2.5,false\n" + (i % 2 == 0 ? "\"\",\n" : "\n") + "\"," +
            n + ".25,true\n";
    if (i % 11 == 0) text += "\n";
  }
  return text;
}

CsvReading reading_of(std::string bytes, int num_threads, std::int64_t block_bytes) {
  CsvReading reading{
      .bytes = std::move(bytes), .num_threads = num_threads, .block_bytes = block_bytes};
  reading.options.infer_schema_length = 15;
  return reading;
}

void expect_same(CsvReading reading, const std::string& what) {
  reading.num_threads = 1;
  const CsvOutcome serial = read_all(reading);
  for (const int num_threads : {2, 4}) {
    reading.num_threads = num_threads;
    const CsvOutcome parallel = read_all(reading);
    ASSERT_EQ(parallel.rows, serial.rows) << what << ", " << num_threads << " threads";
    ASSERT_EQ(parallel.error, serial.error) << what << ", " << num_threads << " threads";
    if (!reading.filter) {
      ASSERT_EQ(parallel.positions, serial.positions) << what;
    }
    if (parallel.error.empty() && !reading.split && !reading.resume_from) {
      ASSERT_EQ(parallel.bytes_read, serial.bytes_read) << what;
    }
  }
}

TEST(PieceDecoder, TakesPartWhereAFileIsLargerThanAPiece) {
  const CsvReading reading = reading_of(plain_table(500), 2, 1000);
  const Context context = make_context(reading);
  auto decoder = make_csv_decoder(reading.options, reading.block_bytes);
  ASSERT_TRUE(decoder->open(std::make_unique<MemoryStream>(reading.bytes), {}, context));
  ASSERT_TRUE(decoder->read({.max_rows = 10, .max_bytes = 1 << 20, .stop = {}}));
  // Windows would take more: they have room for very many fields.
  EXPECT_GT(context.budget->reserved_bytes(), 4 * 1000);
  EXPECT_LT(context.budget->reserved_bytes(), 2 * RowScanner::kWindowEnds);
}

TEST(PieceDecoder, RowsAndPlacesAreThoseOfOneThread) {
  for (const std::string& table : {plain_table(700), deceptive_table(200)}) {
    for (const std::int64_t block_bytes : {40, 130, 500, 1000, 3001, 8000}) {
      for (const std::int64_t max_rows : {1, 7, 100, 1'000'000}) {
        CsvReading reading = reading_of(table, 1, block_bytes);
        reading.max_rows = max_rows;
        expect_same(reading, std::to_string(block_bytes) + " bytes, " + std::to_string(max_rows));
      }
      CsvReading reading = reading_of(table, 1, block_bytes);
      reading.max_bytes = 5000;
      expect_same(reading, std::to_string(block_bytes) + " bytes, small chunks");
    }
  }
}

TEST(PieceDecoder, AFaultIsFoundWhereverItIs) {
  const std::vector<std::string> faults = {"1,2\n",
                                           "1,2,3,true,5\n",
                                           "x,a,1.5,true\n",
                                           "1,a,1.5,maybe\n",
                                           "1,\xFF,1.5,true\n",
                                           "1,\"a\"b,1.5,true\n",
                                           "1,a\"b,1.5,true\n",
                                           "1,\"never closed,1.5,true\n",
                                           "1," + std::string(3000, 'x') + ",1.5,true\n"};
  for (const std::string& fault : faults) {
    for (int row = 20; row < 120; row += 3) {
      const std::string table = kHeader + plain_rows(0, row) + fault + plain_rows(row, 120);
      for (const std::int64_t block_bytes : {300, 1000}) {
        CsvReading reading = reading_of(table, 1, block_bytes);
        reading.max_rows = row % 2 == 0 ? 17 : 1'000'000;
        expect_same(reading, fault.substr(0, 20) + " at " + std::to_string(row));
      }
    }
  }
}

TEST(PieceDecoder, TheLastRowMayLackALineEndOrNotFit) {
  for (const std::string& last : {std::string("9,end,1.5,true"), std::string("9,end,oops,true\n"),
                                  std::string("9,end,oops,true"), std::string("\n\n")}) {
    for (int rows = 60; rows < 90; ++rows) {
      expect_same(reading_of(plain_table(rows) + last, 1, 400), last);
    }
  }
}

TEST(PieceDecoder, RowsOfSeveralPiecesAreReadAmongOthers) {
  std::string table = kHeader;
  for (int i = 0; i < 60; ++i) {
    table += plain_rows(10 * i, 10 * i + 10);
    table += "1,\"" + std::string(static_cast<std::size_t>(100 * i), '\n') + "\",2.5,true\n";
  }
  for (const std::int64_t block_bytes : {200, 1000, 5000}) {
    expect_same(reading_of(table, 1, block_bytes), std::to_string(block_bytes));
  }
}

TEST(PieceDecoder, EverySplitHasItsRows) {
  const CsvReading reading = reading_of(deceptive_table(300), 2, 700);
  const Table all = read_all(reading).rows;
  for (const int num_splits : {2, 3, 7}) {
    auto decoder = make_csv_decoder(reading.options, reading.block_bytes);
    const Context context = make_context(reading);
    ASSERT_TRUE(decoder->open(std::make_unique<MemoryStream>(reading.bytes), {}, context));
    const auto splits = decoder->splits(num_splits);
    ASSERT_TRUE(splits);
    Table together;
    for (const Split& split : *splits) {
      CsvReading part = reading;
      part.split = split;
      expect_same(part, "split");
      const CsvOutcome outcome = read_all(part);
      together.insert(together.end(), outcome.rows.begin(), outcome.rows.end());
    }
    EXPECT_EQ(together, all);
  }
}

TEST(PieceDecoder, GoesOnFromAnyPositionWithAFilterAndWithout) {
  for (const auto& filter : {std::optional<Expr>(), std::optional<Expr>(col("score") > 100.0),
                             std::optional<Expr>(col("id") == 150)}) {
    CsvReading reading = reading_of(deceptive_table(300), 2, 700);
    reading.max_rows = 13;
    reading.filter = filter;
    const CsvOutcome whole = read_all(reading);
    ASSERT_EQ(whole.error, "");
    CsvReading serial = reading;
    serial.num_threads = 1;
    ASSERT_EQ(whole.rows, read_all(serial).rows);
    for (std::size_t i = 0; i < whole.positions.size(); ++i) {
      CsvReading rest = reading;
      rest.resume_from = whole.positions[i];
      const CsvOutcome outcome = read_all(rest);
      ASSERT_EQ(outcome.error, "");
      ASSERT_LE(outcome.rows.size(), whole.rows.size());
      const auto left = static_cast<std::ptrdiff_t>(outcome.rows.size());
      ASSERT_EQ(outcome.rows, Table(whole.rows.end() - left, whole.rows.end())) << i;
      // The same with one thread: so the place's row number is right, too.
      rest.num_threads = 1;
      const CsvOutcome alone = read_all(rest);
      ASSERT_EQ(outcome.rows, alone.rows) << i;
    }
  }
}

TEST(PieceDecoder, AFilterAndFaultsAreThoseOfOneThread) {
  for (int row = 20; row < 120; row += 7) {
    for (const std::string& fault : {std::string("x,a,1.5,true\n"), std::string("5,a,oops,true\n"),
                                     std::string("5,\xFF,1.5,true\n"), std::string("5,6\n")}) {
      for (const auto& filter : {col("id") != 5, col("score") > 1.5, col("good") == true}) {
        CsvReading reading =
            reading_of(kHeader + plain_rows(10, row) + fault + plain_rows(row, 120), 1, 400);
        reading.filter = filter;
        expect_same(reading, fault + " at " + std::to_string(row));
      }
    }
  }
}

TEST(PieceDecoder, WhatOneThreadHasRoomForSeveralHave) {
  const std::string table = plain_table(3000);
  for (std::int64_t limit_bytes = 1 << 20; limit_bytes < (80 << 20);
       limit_bytes += limit_bytes / 3) {
    CsvReading reading = reading_of(table, 1, 2000);
    reading.max_rows = 500;
    reading.limit_bytes = limit_bytes;
    expect_same(reading, std::to_string(limit_bytes));
  }
}

TEST(PieceDecoder, AReadThatFailsOnceLosesNothing) {
  const std::string table = plain_table(1500);
  const CsvOutcome whole = read_all(reading_of(table, 1, 2000));
  ASSERT_EQ(whole.rows.size(), 1500u);
  for (int nth = 8;; ++nth) {  // past the sample
    CsvReading reading = reading_of(table, 3, 2000);
    reading.max_rows = 400;
    reading.faults = {.fail_read = nth, .kind = ErrorKind::Network};
    const CsvOutcome outcome = read_all(reading);
    ASSERT_EQ(outcome.rows, whole.rows) << nth;
    ASSERT_EQ(outcome.error, "") << nth;
    if (outcome.num_reads <= nth) break;
  }
}

TEST(PieceDecoder, AStopAtAnyTimeLosesNothing) {
  const CsvReading reading = reading_of(plain_table(20'000), 2, 3000);
  const Context context = make_context(reading);
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    auto decoder = make_csv_decoder(reading.options, reading.block_bytes);
    ASSERT_TRUE(decoder->open(std::make_unique<MemoryStream>(reading.bytes), {}, context));
    Table rows;
    for (bool more = true; more;) {
      std::stop_source stop;
      std::jthread stopper([&stop, wait = random() % 3000] {
        std::this_thread::sleep_for(std::chrono::microseconds(wait));
        stop.request_stop();
      });
      const auto batch =
          decoder->read({.max_rows = 5000, .max_bytes = 8 << 20, .stop = stop.get_token()});
      if (!batch) {
        ASSERT_EQ(batch.error().kind, ErrorKind::Cancelled);
        continue;
      }
      more = batch->has_value();
      if (more) append_rows(*(*batch)->rows, rows);
    }
    ASSERT_EQ(rows.size(), 20'000u);
    ASSERT_EQ(rows.back(), read_all(reading).rows.back());
  }
}

TEST(PieceDecoder, AnEndInTheMiddleLeavesNothingBehind) {
  const CsvReading reading = reading_of(plain_table(20'000), 4, 3000);
  for (int chunks = 0; chunks < 20; ++chunks) {
    const Context context = make_context(reading);
    {
      auto decoder = make_csv_decoder(reading.options, reading.block_bytes);
      ASSERT_TRUE(decoder->open(std::make_unique<MemoryStream>(reading.bytes), {}, context));
      for (int i = 0; i < chunks; ++i) {
        ASSERT_TRUE(decoder->read({.max_rows = 100, .max_bytes = 1 << 20, .stop = {}}));
      }
    }
    EXPECT_EQ(context.budget->reserved_bytes(), 0);
    EXPECT_EQ(context.budget->arrow_pool()->bytes_allocated(), 0);
  }
}

}  // namespace
}  // namespace polarway::csv
