#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#include "formats/csv/row_errors.h"
#include "formats/csv/row_scanner.h"
#include "formats/csv/window.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::csv {

/// The windows of a file, or of a split of it, in order, several at a time if there is memory for
/// that.
///
/// Threads: one at a time.
class WindowReader {
 public:
  /// From the block's position on, which has `rows_before` data rows before it; up to `end_byte`,
  /// and to the file's first `end_row` rows.
  /// `block` and `scanner` must outlive the reader. Up to `num_spares` windows can be kept besides
  /// the one being found, with blocks of `spare_bytes`.
  WindowReader(Block& block, RowScanner& scanner, RowErrors errors, std::int64_t rows_before,
               std::optional<std::int64_t> end_byte, std::optional<std::int64_t> end_row,
               std::int64_t num_spares, std::int64_t spare_bytes,
               std::shared_ptr<MemoryBudget> budget);

  /// Whether next() may be called: memory is free, that of windows let go of.
  bool can_read() const { return scanner_.can_scan(); }
  /// The next rows, at least one; nothing at the end. An error comes when all rows before it have
  /// come, with its place. Nothing is lost by a retryable one.
  Result<std::optional<Window>> next(std::stop_token stop);

  /// So many rows before the block's position were not found here, but counted by somebody else.
  void count_rows_before(std::int64_t num_rows) { rows_before_ += num_rows; }
  /// Goes on elsewhere, where a row begins.
  Result<void> go_to(const Place& place);
  /// Bytes that were read from there on.
  std::int64_t bytes_ahead_of(std::int64_t byte) const {
    return block_.offset() + std::ssize(block_.text()) - byte;
  }
  const RowRules& rules() const { return scanner_.rules(); }
  std::int64_t rows_before() const { return rows_before_; }
  /// Adds the place of the next row.
  SourceError at_next_row(SourceError error) const {
    return errors_.at(std::move(error), empty_window(block_.offset(), rows_before_), 0);
  }

  /// Takes memory for windows to be kept where that is a small part of what is free, and gives it
  /// back where memory is scarce: then there are no spares, and chunks come first. Only while at
  /// most the last window is kept.
  void fit_spares();
  bool has_spares() const { return static_cast<bool>(spares_); }
  /// Gives that memory back. Only while at most the last window is kept.
  void drop_spares();

 private:
  RowErrors errors_;
  std::optional<std::int64_t> end_byte_;
  std::optional<std::int64_t> end_row_;
  std::int64_t num_spares_;
  std::int64_t spare_bytes_;
  std::shared_ptr<MemoryBudget> budget_;
  MemoryLease spares_;
  Block& block_;
  RowScanner& scanner_;
  std::int64_t rows_before_;                  // of the next window
  std::optional<SourceError> pending_error_;  // of the row behind those found
};

}  // namespace polarway::csv
