#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "formats/csv/field.h"
#include "formats/csv/structural_scan.h"

namespace polarway::csv {

/// The rows that the start of a file has in some dialect, of whatever lengths they are. Blank lines
/// and comments are left out.
class SampleRows {
 public:
  /// Most fields that are looked at.
  static constexpr std::size_t kMostFields = 64 << 10;

  /// `text` must outlive the rows. Unless it is the whole file, a last row without line end is left
  /// out; but not the only one.
  SampleRows(std::string_view text, const Marks& marks, bool is_whole);

  std::size_t size() const { return rows_.size(); }
  const Marks& marks() const { return marks_; }
  /// Whether the text ends inside quotes that nothing will close: the file ends there, or they hold
  /// most of it.
  bool is_unclosed() const { return is_unclosed_; }

  std::size_t num_fields(std::size_t row) const { return rows_[row].num_fields; }
  /// Where the row begins in the text.
  std::size_t begin(std::size_t row) const { return rows_[row].begin; }
  /// A field as it stands in the text, without the '\r' of a CRLF.
  std::string_view raw(std::size_t row, std::size_t field) const;
  Unquoted field(std::size_t row, std::size_t i) const { return unquote(raw(row, i), marks_); }

 private:
  struct Row {
    std::size_t begin = 0;
    std::size_t first_end = 0;  // index of its first field's end
    std::size_t num_fields = 0;
  };

  std::string_view text_;
  Marks marks_;
  std::vector<std::uint32_t> ends_;
  std::vector<Row> rows_;
  bool is_unclosed_ = false;
};

}  // namespace polarway::csv
