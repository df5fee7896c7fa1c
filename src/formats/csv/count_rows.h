#pragma once

#include <cstdint>
#include <span>

#include "formats/csv/structural_scan.h"

namespace polarway::csv {

/// Rows that were counted, and where the last of them ends.
struct RowCount {
  std::int64_t rows = 0;
  std::int64_t bytes =
      0;                ///< Up to the last row's line end, included. What follows was not counted.
  bool is_odd = false;  ///< What follows is not as simple as a count has it: a row with another
                        ///< number of fields, a comment, a quote where RFC 4180 has none. Whoever
                        ///< finds rows has to look.
};

/// Whether count_rows() knows the dialect: no escapes, no delimiter of several bytes.
bool can_count(const Marks& marks);

/// Counts complete rows of `num_columns` fields, `max_rows` at most, and writes nothing down. Blank
/// lines are no rows in tables of several columns. `text` begins at the start of a row; 64 bytes
/// behind its end must be readable. SIMD, dispatched at run time.
RowCount count_rows(std::span<const std::uint8_t> text, const Marks& marks,
                    std::int64_t num_columns, std::int64_t max_rows);

}  // namespace polarway::csv
