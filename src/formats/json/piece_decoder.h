#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>

#include "formats/block.h"
#include "formats/json/record_reader.h"
#include "formats/json/record_scanner.h"
#include "formats/json/record_table.h"
#include "formats/ordered_crew.h"
#include "polarway/executor.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::json {

/// What pieces are cut out of, and how.
struct PieceRules {
  std::function<Result<std::unique_ptr<RecordTable>>()> make_table;
  std::function<RecordScanner()> make_scanner;
  Layout layout = Layout::Values;
  std::int64_t piece_bytes = 0;
  std::int64_t num_columns = 0;
  std::optional<std::int64_t> end_byte;  ///< Of a split: no piece goes beyond.
};

/// Decodes the records of a stream on several threads. The owner cuts pieces out of the stream,
/// each of which ends behind a record: for that it follows no more than quotes and brackets, or
/// looks for a line end. A piece is decoded whole by one thread, and its rows are put behind those
/// before.
///
/// What is odd (a record that does not fit, one larger than a piece, the array's end, the last
/// line) is left to the owner's reader of records, which is told where it is.
///
/// Threads: one owner at a time, not always the same thread.
class PieceDecoder {
 public:
  /// `block` and `records`, which reads it, must outlive the decoder. At most `num_helpers` tasks
  /// of `executor` work at the same time.
  PieceDecoder(Block& block, RecordReader& records, PieceRules rules,
               std::shared_ptr<Executor> executor, int num_helpers,
               std::shared_ptr<MemoryBudget> budget);

  enum class Filled : std::uint8_t {
    Rows,  ///< Some rows were appended, or a piece is done with.
    Full,  ///< The table has no room for the next row.
    None,  ///< The next record is for the reader; at the end of a piece it finds none.
  };
  /// Appends the next rows, at most `max_rows`.
  Filled fill(RecordTable& table, std::int64_t max_rows, const std::stop_token& stop);

  /// Whether the reader is within a piece, or at its end.
  bool is_within_piece() const { return piece_ != nullptr; }

 private:
  // A stretch of the stream, and the rows that it makes.
  struct Piece {
    std::shared_ptr<arrow::Buffer> memory;  // keeps the text
    std::span<const std::uint8_t> text;
    std::int64_t offset = 0;  // in the stream
    std::unique_ptr<RecordTable> table;
    std::unique_ptr<RecordParser> parser;
    bool is_whole = false;  // all records of the text are rows of the table
  };

  void decode(Piece& piece) const;
  bool start();
  void stop_if_short();
  void cut_pieces(const std::stop_token& stop);
  bool cut_piece(const std::stop_token& stop);
  void release();
  std::int64_t memory_bytes(int num_threads) const;

  Block& block_;
  RecordReader& records_;
  PieceRules rules_;
  std::shared_ptr<Executor> executor_;
  int num_helpers_;
  std::shared_ptr<MemoryBudget> budget_;
  MemoryLease lease_;
  std::int64_t next_cut_byte_ = 0;            // what comes before is for the reader
  bool is_over_ = false;                      // all that comes is
  Piece* piece_ = nullptr;                    // the oldest, when its rows are being taken
  std::int64_t row_ = 0;                      // of it, the next
  bool is_odd_ = false;                       // the rest of it is for the reader
  std::unique_ptr<OrderedCrew<Piece>> crew_;  // the last member: its threads use the others
};

}  // namespace polarway::json
