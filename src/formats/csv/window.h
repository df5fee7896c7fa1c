#pragma once

#include <cstdint>

#include "formats/csv/row_scanner.h"

namespace polarway::csv {

/// A place between two rows of a file.
struct Place {
  std::int64_t byte = 0;
  std::int64_t row = 0;  ///< Data rows before it, whether a filter keeps them or not.
};

/// Rows that were found, where they are in the file, and the memory that has them.
struct Window {
  Rows rows;
  std::int64_t offset = 0;       ///< Of rows.text in the file.
  std::int64_t end_offset = 0;   ///< Behind the last row, its line end included.
  std::int64_t rows_before = 0;  ///< Data rows of the file before these.
  RowScanner::Hold hold;         ///< Only the scanner's thread may let go of it.

  /// Where a row begins; of what follows the rows, where they end.
  std::int64_t begin_of(std::int64_t row) const {
    return row < rows.num_rows ? offset + std::int64_t{rows.row_begin(row)} : end_offset;
  }

  /// Where the file goes on after the first `num_rows` > 0 rows. Lines that are no rows come next:
  /// so it does not depend on where windows end.
  std::int64_t end_after(std::int64_t num_rows) const {
    if (num_rows == rows.num_rows) return end_offset;
    return offset + std::int64_t{rows.row_end(num_rows - 1)} + 1;
  }
};

/// No rows, only a place.
inline Window empty_window(std::int64_t offset, std::int64_t rows_before) {
  return {
      .rows = {}, .offset = offset, .end_offset = offset, .rows_before = rows_before, .hold = {}};
}

}  // namespace polarway::csv
