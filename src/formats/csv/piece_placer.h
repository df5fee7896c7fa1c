#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "formats/csv/chunk_bound.h"
#include "formats/csv/column_lanes.h"
#include "formats/csv/piece_rows.h"
#include "polarway/source.h"

namespace polarway::csv {

/// Gives the rows of pieces, one piece after the other, their place in chunks, before they are
/// converted: so each can be converted on any thread.
///
/// Threads: one at a time.
class PiecePlacer {
 public:
  /// Rows [from, to) of a piece, which have a place.
  struct Part {
    std::int64_t from = 0;
    std::int64_t to = 0;
    ChunkState before;                            ///< The chunk without them.
    std::vector<std::int64_t> column_bytes = {};  ///< Of the text columns, at most.
  };
  enum class Answer {
    Rows,       ///< Some rows have their place.
    NoRows,     ///< No row of it is wanted, or left.
    Elsewhere,  ///< Its rows begin at next_begin(), not where they were found.
    NotNow,     ///< is_done(), or wants_room().
  };

  /// `columns` must outlive the placer, and stay where they are.
  PiecePlacer(const std::vector<WantedColumn>& columns, const ChunkBound& bound);

  /// Of `columns`, those of text, and the others.
  const std::vector<std::size_t>& text_columns() const { return text_columns_; }
  const std::vector<std::size_t>& rest_columns() const { return rest_columns_; }

  /// Goes on at a place in the file.
  void start(const Place& place);
  /// Begins with a chunk.
  void open(const ChunkTarget& target, const ChunkState& chunk);
  /// Places the rows of the next piece from `from` on. `is_written`: somebody writes to the
  /// columns, whose buffers must stay where they are.
  Answer place(const PieceRows& piece, std::int64_t from, bool is_written, Part& part);
  /// So much text has come of a column of `part`.
  void settle_text(std::size_t text_column, const Part& part, std::int64_t bytes) {
    text_bytes_[text_column] -= part.column_bytes[text_column] - bytes;
  }
  /// The chunk ends here.
  void be_full() { is_full_ = true; }
  /// Somebody else must see to what comes next.
  void be_odd() { is_odd_ = true; }

  bool is_done() const { return is_full_ || is_odd_; }
  bool is_odd() const { return is_odd_; }
  /// Nobody may begin to write to the columns.
  bool wants_room() const { return wants_room_; }
  /// Nobody writes any more.
  void written() { wants_room_ = false; }
  const ChunkState& chunk() const { return chunk_; }
  /// Where the next piece's rows begin.
  std::int64_t next_begin() const { return next_begin_; }

 private:
  Answer place_rows(const PieceRows& piece, std::int64_t from, bool is_written, Part& part);
  void pass(const PieceRows& piece);
  bool make_room(std::int64_t num_rows, const Part& part, bool is_written);
  void start_columns(std::int64_t num_rows);
  template <class Visit>
  void for_each_column(const Part& part, Visit visit) const;

  const std::vector<WantedColumn>& columns_;
  ChunkBound bound_;
  std::vector<std::size_t> text_columns_;
  std::vector<std::size_t> rest_columns_;
  std::int64_t next_begin_ = 0;
  std::int64_t rows_before_ = 0;  // data rows before it
  std::int64_t max_rows_ = 0;
  std::int64_t max_bytes_ = 0;
  ChunkState chunk_;
  std::int64_t first_byte_ = 0;           // where the chunk began
  std::vector<std::int64_t> text_bytes_;  // of the text columns, at most
  bool is_full_ = false;
  bool is_odd_ = false;
  bool wants_room_ = false;
};

}  // namespace polarway::csv
