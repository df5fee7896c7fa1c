#include "formats/parquet/row_ranges.h"

#include <gtest/gtest.h>

#include <random>

namespace polarway::pq {
namespace {

constexpr std::int64_t kRows = 40;

using Set = std::vector<bool>;

RowRanges ranges_of(const Set& set) {
  RowRanges ranges;
  for (std::int64_t row = 0; row < kRows; ++row) {
    if (set[static_cast<std::size_t>(row)]) append(ranges, {row, row + 1});
  }
  return ranges;
}

TEST(RowRanges, AreTheSetsOfRowsThatTheyStandFor) {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    Set a(kRows);
    Set b(kRows);
    Set both(kRows);
    Set any(kRows);
    const unsigned odds = 1 + random() % 8;
    for (std::size_t row = 0; row < kRows; ++row) {
      a[row] = random() % odds == 0;
      b[row] = random() % 3 == 0;
      both[row] = a[row] && b[row];
      any[row] = a[row] || b[row];
    }
    EXPECT_EQ(intersection(ranges_of(a), ranges_of(b)), ranges_of(both));
    EXPECT_EQ(unite(ranges_of(a), ranges_of(b)), ranges_of(any));
  }
}

TEST(RowRanges, ThatTouchBecomeOneAndEmptyOnesAreNone) {
  RowRanges ranges;
  append(ranges, {0, 3});
  append(ranges, {3, 3});
  append(ranges, {3, 5});
  append(ranges, {7, 9});
  EXPECT_EQ(ranges, (RowRanges{{0, 5}, {7, 9}}));
}

}  // namespace
}  // namespace polarway::pq
