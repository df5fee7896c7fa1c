#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "formats/csv/structural_scan.h"

namespace polarway::csv {

/// Complete rows of a piece of text, found but not yet looked into: the end of each field.
///
/// All rows have `num_columns` fields. Positions are relative to `text`.
struct Rows {
  static constexpr std::uint32_t kTooLong = UINT32_MAX;

  const std::uint8_t* text = nullptr;
  const std::uint32_t* ends = nullptr;    ///< [num_rows * num_columns] delimiter or line end after
  const std::uint32_t* begins = nullptr;  ///< [num_rows], or null when each row begins one past the
                                          ///< end of the one before it, the first at 0.
  const std::uint32_t* line_ends = nullptr;  ///< [num_rows], or null when each row ends where its
                                             ///< last field does.
  const std::uint32_t* ragged = nullptr;     ///< [num_rows], or null when each is one of the
                                             ///< table's: 0 for those, else the number of fields
                                             ///< that it has, or kTooLong. All columns are empty.
  std::int64_t num_rows = 0;
  std::int64_t num_columns = 0;
  std::uint32_t delimiter_lead = 0;  ///< Bytes of a delimiter before the one that `ends` has.
  bool trims_cr = true;              ///< A '\r' before a line end belongs to that.

  std::uint32_t row_begin(std::int64_t row) const {
    if (begins != nullptr) return begins[row];
    return row == 0 ? 0 : ends[row * num_columns - 1] + 1;
  }
  /// One past the row's last byte before its line end.
  std::uint32_t row_end(std::int64_t row) const {
    return line_ends != nullptr ? line_ends[row] : ends[(row + 1) * num_columns - 1];
  }
  /// Of rows [from, to), delimiters included. There is at least one.
  std::int64_t text_bytes(std::int64_t from, std::int64_t to) const {
    return std::int64_t{row_end(to - 1)} - row_begin(from);
  }
  bool is_ragged(std::int64_t row) const { return ragged != nullptr && ragged[row] != 0; }

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

/// Room for the positions of rows that are picked out of others: their ends, begins and line ends,
/// each as many entries as those rows have. Null: none.
struct PickRoom {
  std::uint32_t* ends = nullptr;
  std::uint32_t* begins = nullptr;
  std::uint32_t* line_ends = nullptr;
};

/// A row whose number of fields is not the table's, or that is too long.
struct RaggedRow {
  std::int64_t row = 0;         ///< Its number among the rows.
  std::int64_t num_fields = 0;  ///< What was found.
  std::uint32_t begin = 0;      ///< Where it begins and
  std::uint32_t end = 0;        ///< ends.
  bool too_long = false;
};

/// Which rows are rows of the table, and what becomes of those that are not.
struct RowRules {
  static constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

  std::int64_t num_columns = 1;
  std::int64_t max_line_bytes = kNoLimit;
  bool drops_extra = false;    ///< Fields beyond the table's columns are not there.
  bool fills_missing = false;  ///< Missing ones are empty.
  bool rejects = false;        ///< Other rows are among the rows, as Rows::ragged has it.

  /// Whether index_rows() needs all of RowPositions.
  bool fit_rows() const { return drops_extra || fills_missing || rejects; }
};

/// Room for positions, `room` entries each. The last three only for rules that fit rows.
struct RowPositions {
  std::int64_t room = 0;
  std::uint32_t* ends = nullptr;  ///< What the scan has found.
  std::uint32_t* begins = nullptr;
  std::uint32_t* line_ends = nullptr;
  std::uint32_t* ragged = nullptr;
  std::uint32_t* fitted_ends = nullptr;
};

/// What was made of the positions.
struct IndexedRows {
  Rows rows;
  std::optional<RaggedRow> ragged;  ///< The row there, if that is why no more were made.
};

/// Rows from the positions that a scan found. Blank lines (in tables of more than one column) and
/// comments are left out. A row that is none of the table's, and that the rules have no place for,
/// ends the rows.
IndexedRows index_rows(const std::uint8_t* text, const RowPositions& positions, const Scan& scan,
                       const Marks& marks, const RowRules& rules);

/// Number of fields of the first row among the positions, comments left out, and blank lines, too,
/// unless `blank_counts`; 0 when no row is complete. `*row_begin` says where that row begins,
/// `*index` which entry is its first.
std::int64_t first_row_fields(const std::uint8_t* text, const std::uint32_t* ends, const Scan& scan,
                              const Marks& marks, bool blank_counts, std::uint32_t* row_begin,
                              std::int64_t* index);

}  // namespace polarway::csv
