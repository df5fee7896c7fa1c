#include "formats/csv/count_rows.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "formats/csv/rows.h"
#include "support/every_simd_target.h"

namespace polarway::csv {
namespace {

constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

RowCount count(std::string text, std::int64_t num_columns, std::int64_t max_rows = kAll,
               const Marks& marks = {}) {
  text.reserve(text.size() + 64);
  return count_rows(bytes_of(text), marks, num_columns, max_rows);
}

class CountRows : public ::polarway::testing::EverySimdTarget {};

INSTANTIATE_TEST_SUITE_P(Simd, CountRows, ::testing::ValuesIn(::polarway::testing::simd_targets()),
                         ::polarway::testing::simd_name);

std::string random_rows(std::mt19937& random, std::int64_t num_columns) {
  std::string text;
  for (auto row = random() % 60; row > 0; --row) {
    if (random() % 30 == 0) text += random() % 2 == 0 ? "\n" : "\r\n";
    const auto fields = random() % 100 == 0 ? num_columns + 1 : num_columns;
    for (std::int64_t i = 0; i < fields; ++i) {
      if (i > 0) text += ',';
      if (random() % 12 == 0) {
        text += "\"x,\n\"\"" + std::string(random() % 70, 'y') + '"';
      } else {
        text += std::string(random() % 9, 'z');
      }
    }
    text += random() % 5 == 0 ? "\r\n" : "\n";
  }
  return text;
}

// What rows are found, are counted, up to the first that is odd; and then the last one's end is
// right.
TEST_P(CountRows, CountsTheRowsThatAreFound) {
  std::mt19937 random(3);
  for (int round = 0; round < 4'000; ++round) {
    const std::int64_t num_columns = round % 7 == 0 ? 1 + random() % 90 : 1 + random() % 5;
    std::string text = random_rows(random, num_columns) + std::string(64, ',');
    const std::span<const std::uint8_t> bytes = bytes_of(text).first(text.size() - 64);
    std::vector<std::uint32_t> ends(text.size() + 64);
    std::vector<std::uint32_t> begins(text.size() + 64);
    const Scan scan = exact_scan(bytes, {}, ends);
    const auto room = static_cast<std::int64_t>(ends.size());
    const IndexedRows indexed =
        index_rows(bytes.data(), {.room = room, .ends = ends.data(), .begins = begins.data()}, scan,
                   {}, {.num_columns = num_columns});
    const Rows& rows = indexed.rows;
    const bool is_ragged = indexed.ragged.has_value();
    const std::int64_t wanted =
        rows.num_rows > 0 && round % 2 == 0 ? 1 + random() % rows.num_rows : kAll;
    std::int64_t counted = 0;
    std::int64_t from = 0;
    bool is_odd = false;
    for (;;) {  // goes on behind the rows counted, as long as there are any
      const RowCount some = count_rows(bytes.subspan(static_cast<std::size_t>(from)), {},
                                       num_columns, wanted - counted);
      if (some.rows == 0 || counted == wanted) is_odd = some.is_odd;
      counted += some.rows;
      from += some.bytes;
      if (some.rows == 0 || counted == wanted) break;
    }
    const std::int64_t rows_wanted = std::min(wanted, rows.num_rows);
    if (!is_odd) {
      ASSERT_EQ(counted, rows_wanted) << text;
    }
    ASSERT_LE(counted, rows_wanted) << text;
    if (counted > 0) {
      ASSERT_EQ(from, std::int64_t{rows.row_end(counted - 1)} + 1) << text;
    }
    if (is_ragged && wanted == kAll) {
      ASSERT_TRUE(is_odd) << text;
    }
  }
}

TEST_P(CountRows, EndsBeforeARowThatIsOdd) {
  for (std::size_t before = 0; before < 70; ++before) {
    std::string good;
    for (std::size_t i = 0; i < before; ++i) good += "1,2\n";
    for (const char* odd : {"1,2,3\n", "1\n", "1,x\"y\"\n", "1,\"x\"y\n"}) {
      const RowCount counted = count(good + odd + good, 2);
      EXPECT_TRUE(counted.is_odd) << odd;
      EXPECT_LE(counted.rows, static_cast<std::int64_t>(before)) << odd;
      EXPECT_EQ(counted.bytes, 4 * counted.rows);
    }
    const RowCount counted = count(good + "#,2\n", 2, kAll, {.comment = "#"});
    EXPECT_TRUE(counted.is_odd);
  }
}

TEST_P(CountRows, CountsBlankLinesOnlyWhereThereIsOneColumn) {
  EXPECT_EQ(count("1,2\n\n\r\n3,4\r\n\n", 2).rows, 2);
  EXPECT_EQ(count("1,2\n\n\r\n3,4\r\n\n", 2).bytes, 12);
  EXPECT_EQ(count("1\n\n\r\n3\r\n\n", 1).rows, 5);
}

TEST_P(CountRows, LeavesWhatIsNotComplete) {
  EXPECT_EQ(count("1,2\n3,4", 2).rows, 1);
  EXPECT_EQ(count("1,2\n3,\"4\n5,6\n", 2).bytes, 4);
  EXPECT_FALSE(count("1,2\n3,\"4\n5,6\n", 2).is_odd);
}

}  // namespace
}  // namespace polarway::csv
