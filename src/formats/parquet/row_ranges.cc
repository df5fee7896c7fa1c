#include "formats/parquet/row_ranges.h"

#include <algorithm>

namespace polarway::pq {

void append(RowRanges& ranges, RowRange range) {
  if (range.begin >= range.end) return;
  if (!ranges.empty() && ranges.back().end >= range.begin) {
    ranges.back().end = std::max(ranges.back().end, range.end);
  } else {
    ranges.push_back(range);
  }
}

RowRanges intersection(const RowRanges& a, const RowRanges& b) {
  RowRanges both;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    append(both, {std::max(a[i].begin, b[j].begin), std::min(a[i].end, b[j].end)});
    if (a[i].end < b[j].end) {
      ++i;
    } else {
      ++j;
    }
  }
  return both;
}

RowRanges unite(const RowRanges& a, const RowRanges& b) {
  RowRanges all;
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    const bool takes_a = j == b.size() || (i < a.size() && a[i].begin <= b[j].begin);
    append(all, takes_a ? a[i++] : b[j++]);
  }
  return all;
}

}  // namespace polarway::pq
