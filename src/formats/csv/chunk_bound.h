#pragma once

#include <algorithm>
#include <cstdint>

#include "formats/csv/rows.h"
#include "formats/csv/window.h"

namespace polarway::csv {

/// Upper bounds of the Arrow bytes of rows, before they are converted.
struct ChunkBound {
  std::int64_t fixed_row_bytes = 0;  ///< Of a row, text aside.
  std::int64_t widest_byte = 0;      ///< That one byte of text may become.

  /// Of rows with so much text, delimiters included.
  std::int64_t bytes(std::int64_t num_rows, std::int64_t text_bytes) const {
    return num_rows * fixed_row_bytes + widest_byte * text_bytes;
  }

  /// How many rows from `from` on fit.
  std::int64_t rows_within(const Rows& rows, std::int64_t from, std::int64_t max_rows,
                           std::int64_t max_bytes) const {
    std::int64_t fits = 0;
    std::int64_t too_many = std::min(max_rows, rows.num_rows - from) + 1;
    while (fits + 1 < too_many) {
      const std::int64_t middle = fits + (too_many - fits) / 2;
      const std::int64_t bound = bytes(middle, rows.text_bytes(from, from + middle));
      (bound <= max_bytes ? fits : too_many) = middle;
    }
    return fits;
  }
};

/// The chunk being built.
struct ChunkState {
  std::int64_t rows = 0;   ///< At most; settled: just so many.
  std::int64_t bytes = 0;  ///< At most.
  Place end;               ///< Behind its last row.
};

}  // namespace polarway::csv
