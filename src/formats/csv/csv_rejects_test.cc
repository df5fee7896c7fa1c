#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/csv_reading.h"

namespace polarway::csv {
namespace {

using csv::testing::error_of;
using csv::testing::Outcome;
using csv::testing::read_all;
using csv::testing::Reading;
using csv::testing::rows_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Table = ::polarway::testing::Rows;

// Of ten rows three are ragged, and two do not fit.
const std::string kBad =
    "n,text,flag\n1,a,true\n2,b\n3,c,maybe\n4,\"d\n,\",false\n\n5,e,true,x\nsix,f,no\n7,g,true\n"
    "8\n9,\"h\"\"\",false\n10,i,true\n";
const std::map<std::string, std::string> kLeaveOut = {
    {"ragged", "reject"},
    {"on_schema_change", "reject"},
    {"schema", "{\"n\":\"int64\",\"text\":\"string\",\"flag\":\"bool\"}"}};
const Table kGood = {"1|a|true", "4|d\n,|false", "7|g|true", "9|h\"|false", "10|i|true"};

std::vector<std::string> places(const std::vector<Reject>& rejects) {
  std::vector<std::string> result;
  for (const Reject& reject : rejects) {
    result.push_back(std::to_string(*reject.where.row) + " " + reject.fault + " " +
                     reject.where.column + " " + std::to_string(*reject.row_byte_offset) + " " +
                     reject.raw);
  }
  std::sort(result.begin(), result.end());
  return result;
}

TEST(CsvRejects, AreTheSameWhateverBlocksAndChunksAre) {
  const std::vector<std::string> whole =
      places(read_all({.bytes = kBad, .options = kLeaveOut}).rejects);
  EXPECT_THAT(whole, ElementsAre("2 too few fields  21 2,b", "3 type flag 25 3,c,maybe",
                                 "5 too many fields  50 5,e,true,x", "6 type n 61 six,f,no",
                                 "8 too few fields  79 8"));
  for (std::int64_t block = 1; block < 140; block += block < 10 ? 1 : 13) {
    for (const std::int64_t max_rows : {1, 2, 3, 100}) {
      const Outcome outcome = read_all(
          {.bytes = kBad, .options = kLeaveOut, .block_bytes = block, .max_rows = max_rows});
      EXPECT_FALSE(outcome.error) << outcome.error->to_string();
      EXPECT_EQ(outcome.rows, kGood) << "blocks of " << block << ", chunks of " << max_rows;
      EXPECT_EQ(places(outcome.rejects), whole) << "blocks of " << block;
    }
  }
}

TEST(CsvRejects, GoOnAfterAnyPositionExactly) {
  const Outcome whole = read_all({.bytes = kBad, .options = kLeaveOut, .max_rows = 1});
  ASSERT_EQ(whole.rows, kGood);
  std::size_t done = 0;
  for (std::size_t i = 0; i < whole.positions.size(); ++i) {
    done += static_cast<std::size_t>(whole.chunk_rows[i]);
    Reading rest{.bytes = kBad, .options = kLeaveOut, .block_bytes = 16};
    rest.request.resume_from = whole.positions[i];
    const Outcome outcome = read_all(rest);
    EXPECT_EQ(outcome.rows, Table(kGood.begin() + static_cast<std::ptrdiff_t>(done), kGood.end()));
    for (const std::string& place : places(outcome.rejects)) {
      EXPECT_THAT(places(read_all({.bytes = kBad, .options = kLeaveOut}).rejects),
                  ::testing::Contains(place));
    }
  }
}

TEST(CsvRejects, CountAsManyRowsAsStructureAllows) {
  Reading reading{.bytes = kBad, .options = {{"ragged", "reject"}}};
  reading.request.columns = std::vector<std::string>{};
  const Outcome counted = read_all(reading);
  EXPECT_EQ(counted.rows.size(), 7u);
  EXPECT_EQ(counted.rejects.size(), 3u);
}

TEST(CsvRejects, TextsOfOtherTypesAreRescuedInTheirRow) {
  std::map<std::string, std::string> options = kLeaveOut;
  options["on_schema_change"] = "rescue";
  for (const std::int64_t max_rows : {1, 2, 100}) {
    const Outcome outcome =
        read_all({.bytes = kBad, .options = options, .block_bytes = 32, .max_rows = max_rows});
    EXPECT_THAT(outcome.rows,
                ElementsAre("1|a|true|null", "3|c|null|{\"flag\":\"maybe\"}", "4|d\n,|false|null",
                            "null|f|null|{\"n\":\"six\",\"flag\":\"no\"}", "7|g|true|null",
                            "9|h\"|false|null", "10|i|true|null"));
  }
}

TEST(CsvRejects, ColumnsOfAllTypesLoseTheirRows) {
  const std::string schema =
      "{\"i\":\"int64\",\"f\":\"float64\",\"b\":\"bool\",\"d\":\"date\",\"t\":\"string\"}";
  std::string bytes = "i,f,b,d,t\n";
  Table good;
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    const bool bad = i % 7 == 3 || i == 499 || i == 0;
    const std::string text = i % 5 == 0 ? "" : "text " + n;
    bytes += n + "," + n + ".5," + (i % 2 == 0 ? "true" : "false") + ",2024-01-0" +
             std::to_string(1 + i % 9) + (bad ? "x," : ",") + text + "\n";
    if (!bad) {
      good.push_back(n + "|" + n + ".5|" + (i % 2 == 0 ? "true" : "false") + "|2024-01-0" +
                     std::to_string(1 + i % 9) + "|" + (text.empty() ? "null" : text));
    }
  }
  EXPECT_EQ(rows_of(bytes, {{"on_schema_change", "reject"}, {"schema", schema}}), good);
}

TEST(CsvRejects, ChunksOfNothingButRejectsAreNone) {
  std::string bytes = "a\n1\n";
  for (int i = 0; i < 50; ++i) bytes += "x\n";
  bytes += "2\n";
  const Outcome outcome =
      read_all({.bytes = bytes,
                .options = {{"on_schema_change", "reject"}, {"schema", "{\"a\":\"int64\"}"}},
                .block_bytes = 16,
                .max_rows = 5});
  EXPECT_THAT(outcome.rows, ElementsAre("1", "2"));
  EXPECT_EQ(outcome.rejects.size(), 50u);
  EXPECT_EQ(outcome.pool_bytes_left, 0);
}

TEST(CsvRejects, TheLastRowOfAWindowMayNotBeUtf8) {
  const Outcome outcome =
      read_all({.bytes = "a,b\n\xFF,1\nx,2\n3\n\xFF,3\n",
                .options = {{"on_schema_change", "reject"}, {"ragged", "reject"}}});
  EXPECT_THAT(outcome.rows, ElementsAre("x|2"));
  EXPECT_THAT(
      places(outcome.rejects),
      ElementsAre("1 encoding a 4 \xFF,1", "3 too few fields  12 3", "4 encoding a 14 \xFF,3"));
}

TEST(CsvRejects, MoreThanAllowedAreAnErrorWithItsPlace) {
  std::map<std::string, std::string> options = kLeaveOut;
  options["max_rejects"] = "3";
  const SourceError error = error_of({.bytes = kBad, .options = options});
  EXPECT_THAT(error.message, HasSubstr("max_rejects=3"));
  EXPECT_TRUE(error.where.row.has_value());
}

TEST(CsvRejects, WhatIsRescuedIsPaidForUntilItsChunkIsMade) {
  std::string text = "a\n1\n";
  for (int i = 0; i < 20'000; ++i) text += std::string(20, 'x') + "\n";
  Reading reading{.bytes = text,
                  .options = {{"infer_schema_length", "1"}, {"on_schema_change", "rescue"}},
                  .max_rows = 1'000'000,
                  .limit_bytes = 3 << 20};
  const SourceError error = error_of(reading);
  EXPECT_EQ(error.kind, ErrorKind::MemoryLimit) << error.to_string();
  reading.max_rows = 100;
  EXPECT_EQ(read_all(reading).error, std::nullopt);
}

}  // namespace
}  // namespace polarway::csv
