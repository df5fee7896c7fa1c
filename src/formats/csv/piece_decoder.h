#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/byte_stream.h"
#include "formats/csv/chunk_bound.h"
#include "formats/csv/column_lanes.h"
#include "formats/csv/piece_placer.h"
#include "formats/csv/piece_rows.h"
#include "formats/csv/row_picker.h"
#include "polarway/executor.h"
#include "polarway/memory.h"
#include "polarway/result.h"
#include "polarway/source.h"

namespace polarway::csv {

/// Converts the rows of a file on several threads. Each takes a piece of the file, finds its rows
/// on a guess of where the first one begins, and converts them while all that is in its core's
/// cache. In between, which takes no time, pieces get their place in the chunk, in order: a guess
/// holds if the piece before ends just there; otherwise the rows are found again.
///
/// What is odd (a ragged row, a value that does not fit, a row longer than some part of a piece, a
/// read that fails, the file's last row without a line end) is left to a reader of rows.
///
/// No task waits for one that has not begun. The owner works along.
///
/// Threads: one owner at a time, not always the same thread.
class PieceDecoder {
 public:
  /// What each thread needs for itself.
  struct Kit {
    std::vector<std::unique_ptr<ColumnBuilder>> parts;  ///< One for each column.
    std::unique_ptr<RowPicker> picker;                  ///< Null: all rows are wanted.
  };
  struct Kits {
    std::function<Result<Kit>()> make;
    std::int64_t picker_bytes = 0;  ///< Of each one.
  };

  /// Pieces of `bytes`, which must outlive the decoder as `columns` must, and be left alone by
  /// others while it is started. At most `num_helpers` tasks of `executor` work at the same time.
  PieceDecoder(ByteStream& bytes, PieceRules rules, const std::vector<WantedColumn>& columns,
               ChunkBound bound, Kits kits, std::shared_ptr<Executor> executor, int num_helpers,
               std::shared_ptr<MemoryBudget> budget);
  /// Ends.
  ~PieceDecoder();
  PieceDecoder(const PieceDecoder&) = delete;
  PieceDecoder& operator=(const PieceDecoder&) = delete;

  /// Begins at a place where a row begins, and goes up to `end`, unless that is only a piece, or
  /// the memory for it is not a small part of what is free. Then false.
  bool start(const Place& place, std::int64_t end);
  bool is_started() const { return is_started_; }
  /// Whether there is still enough memory besides that it takes.
  bool has_memory() const;

  /// Fills the columns with the next rows. False: rows or not, a reader has to go on behind them,
  /// and stop() is due. True: the chunk is full, or it is told to stop.
  bool fill(const ChunkTarget& target, bool with_helpers, ChunkState& chunk);
  /// Ends, and gives the memory back. Somebody else goes on at `place`, behind the last chunk.
  void stop(std::int64_t place);

  /// Bytes that were, or will be, read twice. From any thread.
  std::int64_t bytes_read_again() const;

 private:
  struct Shared;

  void call_helpers(std::unique_lock<std::mutex>& lock, bool with_helpers);
  void end(std::unique_lock<std::mutex>& lock);
  std::int64_t memory_bytes() const;

  MemoryLease lease_;
  std::shared_ptr<MemoryBudget> budget_;
  Kits kits_;
  std::shared_ptr<Executor> executor_;
  int num_helpers_;
  bool is_started_ = false;
  std::shared_ptr<Shared> shared_;  // with helpers, which may begin late
};

}  // namespace polarway::csv
