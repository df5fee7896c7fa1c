#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

#include "formats/block.h"
#include "formats/csv/piece_counter.h"
#include "formats/csv/row_errors.h"
#include "formats/csv/row_scanner.h"
#include "formats/csv/window_reader.h"
#include "formats/row_rejects.h"

namespace polarway::csv {

/// Counts the rows of a file, or of a split of it, where no column is wanted: just those that a
/// WindowReader finds, with its errors, but without a note of where fields are. Fields are not
/// looked into, so what is wrong with a value is not found.
///
/// Threads: one at a time.
class RowCounter {
 public:
  /// Goes on where `block` is; all must outlive the counter. `reader` finds what is not simple.
  /// `pieces` count what is, up to `end`, on several threads; null: one thread counts. `rejects` is
  /// told of ragged rows, where the scanner's rules reject them.
  RowCounter(Block& block, RowScanner& scanner, WindowReader& reader,
             std::optional<std::int64_t> end_byte, std::unique_ptr<PieceCounter> pieces,
             std::int64_t end, RowErrors errors, RowRejects& rejects);

  /// Whether a dialect is one whose rows PieceCounter can count.
  static bool is_simple(const RowScanner& scanner);

  /// Rows that were counted, and the place behind them.
  struct Counted {
    std::int64_t rows = 0;
    std::int64_t end_byte = 0;
    std::int64_t rows_before_end = 0;  ///< In the file.
  };
  /// The next rows, `max_rows` > 0 at most; none at the end. An error comes when the rows before it
  /// have come. Nothing is lost by a retryable one.
  Result<Counted> next(std::int64_t max_rows, std::stop_token stop);

  /// Bytes that were read twice. From any thread.
  std::int64_t bytes_read_again() const { return bytes_read_again_.load(); }

 private:
  bool start_pieces();
  Result<std::int64_t> count_pieces(std::int64_t max_rows);
  std::int64_t count_block(std::int64_t max_rows);
  Result<std::int64_t> count_window(std::int64_t max_rows);

  Block& block_;
  RowScanner& scanner_;
  WindowReader& reader_;
  std::optional<std::int64_t> end_byte_;
  std::unique_ptr<PieceCounter> pieces_;
  std::int64_t end_;              // of what pieces may count
  std::int64_t pieces_from_ = 0;  // where they may begin
  std::atomic<std::int64_t> bytes_read_again_ = 0;
  RowErrors errors_;
  RowRejects& rejects_;
  bool is_simple_;                // the dialect is
  bool is_odd_ = false;           // what comes next is not
  std::optional<Window> window_;  // rows that were found, not counted yet,
  std::int64_t from_ = 0;         // from here on
};

}  // namespace polarway::csv
