#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <stop_token>

#include "formats/csv/block.h"
#include "formats/csv/rows.h"

namespace polarway::csv {

/// The next complete rows of a stream, window by window: the structural pass.
///
/// A window ends where the block or the room for positions does; which rows there are, and where,
/// does not depend on that. Each row is looked at from its start, so that quote state never has to
/// be carried over.
class RowScanner {
 public:
  /// Positions a window has room for, at least; more when the table has more columns.
  static constexpr std::int64_t kWindowEnds = 48 << 10;

  /// `block` must outlive the scanner. `marks` as in the options; a file that ends its lines with a
  /// lone '\r' is recognised at its start.
  RowScanner(Block& block, const Marks& marks, std::shared_ptr<MemoryBudget> budget)
      : block_(block), marks_(marks), budget_(std::move(budget)) {}

  /// What a scanner takes besides the block. A table of more columns than half of kWindowEnds takes
  /// more, out of the budget.
  static std::int64_t working_set_bytes();

  /// Makes room, and settles how lines end. Call first; the block then holds the stream's start.
  Result<void> start(std::stop_token stop);
  /// Sets how many fields a row has.
  Result<void> set_num_columns(std::int64_t num_columns);

  const Marks& marks() const { return marks_; }

  /// Finds the next rows behind those consumed: none at the end of the stream. Valid until the next
  /// call. A ragged row ends the window, and is reported once the rows before it are consumed.
  /// Parse for quotes that are never closed; what Block::fill() says otherwise. Errors carry the
  /// byte offset, not the row.
  Result<Rows> next(std::stop_token stop);
  /// The row of another length behind the last window's rows, if that is why the window ended.
  const RaggedRow* ragged() const { return is_ragged_ ? &ragged_ : nullptr; }
  /// Where the last window begins in the stream.
  std::int64_t window_offset() const { return block_.offset(); }
  /// Drops the first `num_rows` (> 0) rows of the last window or peek, line ends included.
  void consume(const Rows& rows, std::int64_t num_rows);

  /// Number of fields of the next row, comments and blank lines before it dropped; 0 at the end.
  /// `*row` is that row as a one-row window.
  Result<std::int64_t> peek_row(Rows* row, std::stop_token stop);

 private:
  Result<Scan> scan_window(std::stop_token stop);
  void consume_line(std::uint32_t line_end);

  Block& block_;
  Marks marks_;
  std::shared_ptr<MemoryBudget> budget_;
  MemoryLease extra_;  // pays for room beyond the working set
  std::int64_t num_columns_ = 1;
  std::int64_t room_ = 0;
  std::shared_ptr<arrow::Buffer> ends_;
  std::shared_ptr<arrow::Buffer> begins_;
  RaggedRow ragged_;
  bool is_ragged_ = false;
};

}  // namespace polarway::csv
