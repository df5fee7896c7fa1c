#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/csv/header.h"
#include "formats/csv/window.h"
#include "polarway/result.h"
#include "polarway/source.h"

namespace polarway::csv {

/// In place of a column: it is the row itself that is none of the table's.
inline constexpr std::int64_t kNoColumn = -1;

/// What is wrong with a row of a window, with its place: location, row, byte, column. Rows are
/// numbered within the window.
class RowErrors {
 public:
  RowErrors() = default;
  RowErrors(std::string location, std::vector<FileColumn> columns, const Marks& marks)
      : location_(std::move(location)), columns_(std::move(columns)), marks_(marks) {}

  const std::string& location() const { return location_; }
  const std::string& column_name(std::int64_t column) const {
    return columns_[static_cast<std::size_t>(column)].name;
  }
  /// Adds the place of a row, or of what follows the window's rows.
  SourceError at(SourceError error, const Window& window, std::int64_t row) const;
  /// A row with another number of fields, behind the window's rows.
  SourceError ragged(const Window& window, const RaggedRow& ragged) const;
  /// A field that is not of its column's type.
  SourceError misfit(const Window& window, std::int64_t row, std::int64_t column) const;
  /// A row that is not valid UTF-8.
  SourceError encoding(const Window& window, std::int64_t row) const;
  /// A row that is left out: for a field that is not of its column's type, or, with kNoColumn, as
  /// it is ragged or not valid UTF-8.
  Reject rejected(const Window& window, std::int64_t row, std::int64_t column) const;

 private:
  std::string location_;
  std::vector<FileColumn> columns_;
  Marks marks_;
};

}  // namespace polarway::csv
