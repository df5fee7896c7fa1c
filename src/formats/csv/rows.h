#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "formats/csv/structural_scan.h"

namespace polarway::csv {

/// Complete rows of a piece of text, found but not yet looked into: the end of each field.
///
/// All rows have `num_columns` fields. Positions are relative to `text`.
struct Rows {
  const std::uint8_t* text = nullptr;
  const std::uint32_t* ends = nullptr;    ///< [num_rows * num_columns] delimiter or line end after
  const std::uint32_t* begins = nullptr;  ///< [num_rows], or null when each row begins one past the
                                          ///< end of the one before it, the first at 0.
  std::int64_t num_rows = 0;
  std::int64_t num_columns = 0;
  std::uint32_t delimiter_lead = 0;  ///< Bytes of a delimiter before the one that `ends` has.
  bool trims_cr = true;              ///< A '\r' before a line end belongs to that.

  std::uint32_t row_begin(std::int64_t row) const {
    if (begins != nullptr) return begins[row];
    return row == 0 ? 0 : ends[row * num_columns - 1] + 1;
  }
  /// One past the row's last byte before its line end.
  std::uint32_t row_end(std::int64_t row) const { return ends[(row + 1) * num_columns - 1]; }

  /// The field's bytes as they stand, quotes included, without the '\r' of a CRLF.
  std::string_view field(std::int64_t row, std::int64_t column) const {
    const std::int64_t i = row * num_columns + column;
    const std::uint32_t begin = column == 0 ? row_begin(row) : ends[i - 1] + 1;
    std::uint32_t end = ends[i];
    if (column + 1 < num_columns) {
      end -= delimiter_lead;
    } else if (trims_cr && end > begin && text[end - 1] == '\r') {
      --end;
    }
    return {reinterpret_cast<const char*>(text) + begin, end - begin};
  }
};

/// Room for the positions of rows that are picked out of others: their ends and begins, each as
/// many entries as those rows have. Null: none.
struct PickRoom {
  std::uint32_t* ends = nullptr;
  std::uint32_t* begins = nullptr;
};

/// A row whose number of fields is not the table's, or that is too long.
struct RaggedRow {
  std::int64_t row = 0;         ///< Index within the rows: it would have been Rows::num_rows.
  std::int64_t num_fields = 0;  ///< What was found.
  std::uint32_t begin = 0;      ///< Where it begins and
  std::uint32_t end = 0;        ///< ends.
  bool too_long = false;        ///< Its fields were not counted.
};

/// Rows from the positions that a scan found: `ends` is cut to complete rows and rewritten where
/// blank lines (in tables of more than one column) and comments have to be left out; `begins` is
/// filled then, and must have room for as many entries as `ends`. A row of another length ends the
/// rows and is reported in `ragged` (untouched otherwise).
Rows index_rows(const std::uint8_t* text, std::uint32_t* ends, std::uint32_t* begins,
                const Scan& scan, const Marks& marks, std::int64_t num_columns, RaggedRow* ragged,
                bool* is_ragged);

/// Number of fields of the first row among the positions, comments left out, and blank lines, too,
/// unless `blank_counts`; 0 when no row is complete. `*row_begin` says where that row begins,
/// `*index` which entry is its first.
std::int64_t first_row_fields(const std::uint8_t* text, const std::uint32_t* ends, const Scan& scan,
                              const Marks& marks, bool blank_counts, std::uint32_t* row_begin,
                              std::int64_t* index);

}  // namespace polarway::csv
