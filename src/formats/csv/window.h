#pragma once

#include <cstdint>

#include "formats/csv/row_scanner.h"

namespace polarway::csv {

/// Rows that were found, where they are in the file, and the memory that has them.
struct Window {
  Rows rows;
  std::int64_t offset = 0;       ///< Of rows.text in the file.
  std::int64_t end_offset = 0;   ///< Behind the last row, its line end included.
  std::int64_t rows_before = 0;  ///< Data rows of the file before these.
  RowScanner::Hold hold;         ///< Only the scanner's thread may let go of it.

  /// Where the file goes on after the first `num_rows` rows.
  std::int64_t offset_after(std::int64_t num_rows) const {
    if (num_rows == rows.num_rows) return end_offset;
    return offset + std::int64_t{rows.row_begin(num_rows)};
  }

  /// Forgets all but the first `num_rows` rows.
  void truncate(std::int64_t num_rows) {
    if (num_rows == rows.num_rows) return;
    end_offset = num_rows > 0 ? offset + std::int64_t{rows.row_end(num_rows - 1)} + 1 : offset;
    rows.num_rows = num_rows;
  }
};

/// No rows, only a place.
inline Window empty_window(std::int64_t offset, std::int64_t rows_before) {
  return {
      .rows = {}, .offset = offset, .end_offset = offset, .rows_before = rows_before, .hold = {}};
}

}  // namespace polarway::csv
