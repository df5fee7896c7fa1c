#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/byte_stream.h"
#include "formats/csv/row_picker.h"
#include "formats/csv/rows.h"
#include "formats/csv/structural_scan.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::csv {

/// How pieces of a file are read, and what is wanted of their rows.
struct PieceRules {
  Marks marks;
  RowRules rows;
  std::int64_t piece_bytes = 0;
  bool checks_encoding = false;                 ///< Unless a picker does.
  std::int64_t widest_byte = 1;                 ///< That one byte of text may become.
  std::vector<std::int64_t> text_columns = {};  ///< Whose bytes are counted.
};

/// A piece of a file, wherever it begins, and its rows: from the first line end in it up to the
/// first one behind it that ends a row. Whether that first one ends a row, too, is a guess, unless
/// it is known; whether the guess holds is for somebody to find out who knows where the rows of the
/// piece before end.
///
/// Threads: one at a time.
class PieceRows {
 public:
  static std::int64_t memory_bytes(const PieceRules& rules);
  /// The caller has paid for that.
  static Result<std::unique_ptr<PieceRows>> make(const PieceRules& rules, MemoryBudget& budget);

  /// Reads [begin, end) of the file, and a little more, but nothing from `limit` on. False where
  /// that cannot be: who goes on there will see why.
  bool read(ByteStream& bytes, std::int64_t begin, std::int64_t end, std::int64_t limit);
  /// Finds the rows behind where one seems to begin.
  void guess(ByteStream& bytes, RowPicker* picker);
  /// Finds the rows from where one begins, a place in the file.
  void find(ByteStream& bytes, std::int64_t begin, RowPicker* picker);

  /// Where the rows begin in the file; -1: nowhere.
  std::int64_t begin() const { return begin_; }
  /// And where what follows them begins.
  std::int64_t end() const { return end_; }
  /// Somebody else must find them, and say what is wrong.
  bool is_odd() const { return is_odd_; }
  /// There was no room for all of them: end() is within the piece.
  bool has_more() const { return has_more_; }
  /// Those that are wanted.
  const Rows& rows() const { return rows_; }
  /// Whether some are not.
  bool is_picked() const { return rows_.num_rows < num_found_; }
  /// All.
  std::int64_t num_found() const { return num_found_; }
  /// Behind the last row, before lines that are no rows.
  std::int64_t last_row_end() const { return last_row_end_; }
  /// Behind a row that is wanted.
  std::int64_t end_of(std::int64_t row) const { return begin_ + rows_.row_end(row) + 1; }
  /// Rows of the file from begin() up to a place behind one of them; -1: they cannot be counted.
  std::int64_t count_up_to(std::int64_t place) const;
  /// Of the wanted rows, delimiters included.
  std::int64_t text_bytes() const { return text_bytes_; }
  /// At most what the fields of the text columns become, in rows [from, to).
  std::vector<std::int64_t> column_bytes(std::int64_t from, std::int64_t to) const;
  const std::vector<std::int64_t>& column_bytes() const { return column_bytes_; }
  /// Bytes read of the piece and behind it.
  std::int64_t bytes_read() const { return text_end_; }

 private:
  explicit PieceRows(const PieceRules& rules) : rules_(rules) {}

  bool read_up_to(ByteStream& bytes, std::int64_t size);
  enum class Found { Rows, NoEnd, Odd };
  bool read_more(ByteStream& bytes);
  bool seems_row(std::int64_t at) const;
  Found find_at(std::int64_t begin);
  Found cut(Scan& scan, std::int64_t begin);
  void settle(RowPicker* picker);
  void be_odd(std::int64_t begin);
  std::uint8_t* text() const;
  RowPositions positions() const;

  const PieceRules& rules_;
  std::shared_ptr<arrow::Buffer> text_memory_;
  std::shared_ptr<arrow::Buffer> positions_;
  std::int64_t offset_ = 0;    // of the text in the file
  std::int64_t size_ = 0;      // of the piece
  std::int64_t limit_ = 0;     // of what may be read of it
  std::int64_t text_end_ = 0;  // what was
  std::int64_t begin_ = -1;
  std::int64_t end_ = 0;
  std::int64_t last_row_end_ = 0;
  std::int64_t num_found_ = 0;
  std::int64_t text_bytes_ = 0;
  bool is_odd_ = false;
  bool has_more_ = false;
  Rows rows_;
  std::vector<std::int64_t> column_bytes_;
};

}  // namespace polarway::csv
