#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "formats/block.h"
#include "formats/csv/rows.h"

namespace polarway::csv {

/// The next complete rows of a stream, window by window: the structural pass.
///
/// A window ends where the block or the room for positions does; which rows there are, and where,
/// does not depend on that. Each row is looked at from its start, so that quote state never has to
/// be carried over.
///
/// Threads: one at a time; windows that are kept may be read by others.
class RowScanner {
 public:
  /// Positions a window has room for, at least; more when the table has more columns.
  static constexpr std::int64_t kWindowEnds = 48 << 10;

  /// `block` must outlive the scanner. `marks` and `rules` as in the options.
  RowScanner(Block& block, const Marks& marks, std::shared_ptr<MemoryBudget> budget,
             const RowRules& rules = {})
      : block_(block), marks_(marks), rules_(rules), budget_(std::move(budget)) {}

  /// What keeps a window's text and positions as they are while the scanner goes on.
  struct Hold {
    std::shared_ptr<arrow::Buffer> text;
    std::shared_ptr<arrow::Buffer> positions;
  };

  /// What a scanner takes besides the block. A table of more columns than half of kWindowEnds takes
  /// more, out of the budget.
  static std::int64_t working_set_bytes(const RowRules& rules = {});

  /// Makes room. Call first; the block then holds the stream's start. `finds_eol`: a file that ends
  /// its lines with a lone '\r' is recognised by that.
  Result<void> start(bool finds_eol, std::stop_token stop);
  /// More of the stream behind what there is, if there is more.
  Result<void> fill(std::stop_token stop);
  /// Drops the next line, whatever is in it, quotes included. False at the end.
  Result<bool> skip_line(std::stop_token stop);
  /// Sets how many fields a row has.
  Result<void> set_num_columns(std::int64_t num_columns);

  /// Room for the positions of `count` more windows, to be kept; the caller has paid for
  /// spare_bytes() each. Call after set_num_columns().
  Result<void> add_spares(std::int64_t count);
  std::int64_t spare_bytes() const;
  /// Gives back all such room. Nobody must keep any but the last window's.
  void drop_spares();

  const Marks& marks() const { return marks_; }
  const RowRules& rules() const { return rules_; }

  /// Whether next() has memory for another window besides those that are kept.
  bool can_scan() const;
  /// Finds the next rows behind those consumed: none at the end of the stream. Valid until the next
  /// call, or for as long as somebody keeps hold(). A ragged row ends the window, and is reported
  /// once the rows before it are consumed. Parse for quotes that are never closed; what
  /// Block::fill() says otherwise. Errors carry the byte offset, not the row.
  Result<Rows> next(std::stop_token stop);
  /// The row behind the last window's rows that has another number of fields or is too long, if
  /// that is why the window ended.
  const RaggedRow* ragged() const { return ragged_ ? &*ragged_ : nullptr; }
  /// The memory of the last window.
  Hold hold() const { return {block_.memory(), positions_}; }
  /// Drops the first `num_rows` (> 0) rows of the last window or peek, line ends included.
  void consume(const Rows& rows, std::int64_t num_rows);

  /// Number of fields of the next row; 0 at the end. Comments before it are dropped, and blank
  /// lines, too, unless `blank_counts`. `*row` is that row as a one-row window.
  Result<std::int64_t> peek_row(Rows* row, bool blank_counts, std::stop_token stop);

 private:
  Result<std::shared_ptr<arrow::Buffer>> allocate_positions() const;
  std::vector<std::shared_ptr<arrow::Buffer>>::const_iterator free_spare() const;
  std::uint32_t* ends() const;
  RowPositions positions() const;
  void end_last_line();
  Result<Scan> scan_window(std::stop_token stop);
  void consume_line(std::uint32_t line_end);
  std::uint32_t last_line_end(const Scan& scan) const;
  SourceError line_too_long(bool in_quotes) const;

  Block& block_;
  Marks marks_;
  RowRules rules_;
  std::shared_ptr<MemoryBudget> budget_;
  MemoryLease extra_;  // pays for room beyond the working set
  std::int64_t room_ = 0;
  std::shared_ptr<arrow::Buffer> positions_;  // RowPositions, one array behind the other
  std::vector<std::shared_ptr<arrow::Buffer>> spares_;
  std::optional<RaggedRow> ragged_;
};

}  // namespace polarway::csv
