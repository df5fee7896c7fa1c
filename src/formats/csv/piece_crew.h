#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "core/byte_stream.h"
#include "formats/csv/count_rows.h"
#include "polarway/executor.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::csv {

/// A part of a file, wherever it begins, whose rows were counted on a guess.
struct Piece {
  std::int64_t offset = 0;             ///< Of the text in the file.
  std::span<const std::uint8_t> text;  ///< Padded as a Block's.
  std::int64_t first = -1;             ///< Where in the text a row seems to begin; -1: nowhere.
  RowCount counted = {};               ///< From there on.

  std::int64_t end() const { return offset + static_cast<std::int64_t>(text.size()); }
};

/// Threads that read pieces of a file, and count their rows, ahead of an owner that takes them in
/// order. A row seems to begin behind the first line end; if one does, the count is right, since
/// what count_rows() finds depends on nothing before that. Whether one does is for the owner to
/// find out, who knows where the rows before end.
///
/// Each piece is read and counted on one thread, while it is in that core's cache. No task waits
/// here: a helper without work ends. The owner works along.
///
/// Threads: one owner at a time, not always the same thread.
class PieceCrew {
 public:
  /// Pieces of `piece_bytes` of `bytes`, which must outlive the crew and be left alone by others
  /// while it is at work. At most `num_helpers` tasks of `executor` work at the same time.
  PieceCrew(ByteStream& bytes, const Marks& marks, std::int64_t num_columns,
            std::int64_t piece_bytes, std::shared_ptr<Executor> executor, int num_helpers);
  /// As stop().
  ~PieceCrew();
  PieceCrew(const PieceCrew&) = delete;
  PieceCrew& operator=(const PieceCrew&) = delete;

  /// What all pieces take.
  std::int64_t memory_bytes() const;
  /// Begins, at `offset`, up to `end`. The caller has paid for memory_bytes().
  Result<void> start(std::int64_t offset, std::int64_t end, MemoryBudget& budget);
  /// Ends what has begun; pieces are gone then, and so is their memory.
  void stop();

  /// Lets go of the piece before, and gives the next one, with `left` in front of it: what was not
  /// counted of that. Null at the end, where a piece could not be read, or where `left` does not
  /// fit. The piece is the owner's until the next call.
  const Piece* next(std::span<const std::uint8_t> left);

  /// Bytes read since start(). After stop().
  std::int64_t bytes_read() const;

 private:
  struct Shared;

  void call_helper(std::unique_lock<std::mutex>& lock);

  std::shared_ptr<Executor> executor_;
  int num_helpers_;
  std::shared_ptr<Shared> shared_;  // with helpers, which may begin late
};

}  // namespace polarway::csv
