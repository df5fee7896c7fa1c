#pragma once

#include <cstdint>
#include <vector>

namespace polarway::pq {

/// Rows from `begin` on, before `end`.
struct RowRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  bool operator==(const RowRange&) const = default;
};

/// Some rows: ranges that ascend and do not touch, none of them empty.
using RowRanges = std::vector<RowRange>;

/// Adds rows behind all others.
void append(RowRanges& ranges, RowRange range);
/// Rows that are in both.
RowRanges intersection(const RowRanges& a, const RowRanges& b);
/// Rows that are in one of them.
RowRanges unite(const RowRanges& a, const RowRanges& b);

}  // namespace polarway::pq
