#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "formats/csv/piece_crew.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::csv {

/// Counts the rows of a file on several threads: a crew counts pieces on a guess, and here they are
/// put together, in order. A guess holds if the rows before it, counted from the last row known,
/// end just there; otherwise that piece is counted again, from that row on.
///
/// Threads: one at a time.
class PieceCounter {
 public:
  PieceCounter(std::unique_ptr<PieceCrew> crew, const Marks& marks, std::int64_t num_columns,
               std::shared_ptr<MemoryBudget> budget)
      : crew_(std::move(crew)),
        marks_(marks),
        num_columns_(num_columns),
        budget_(std::move(budget)) {}

  /// Begins at `offset`, where a row begins, and goes up to `end`, unless the memory for that is
  /// not a small part of what is free. Then false.
  bool start(std::int64_t offset, std::int64_t end);
  bool is_started() const { return is_started_; }
  /// Counts the next rows, `max_rows` > 0 at most. None: a WindowReader has to look at what is at
  /// offset(). It may be odd, or long, or the file's last row, or not to be read.
  std::int64_t next(std::int64_t max_rows);
  /// Where the rows counted end.
  std::int64_t offset() const { return offset_; }
  /// Ends, and gives the memory back. Says how many bytes behind offset() were read.
  std::int64_t stop();

 private:
  std::span<const std::uint8_t> rest() const;
  std::int64_t take_guess(std::int64_t max_rows);
  std::int64_t count(std::span<const std::uint8_t> text, std::int64_t max_rows);

  MemoryLease lease_;
  std::unique_ptr<PieceCrew> crew_;  // behind the lease that pays for it
  Marks marks_;
  std::int64_t num_columns_;
  std::shared_ptr<MemoryBudget> budget_;
  bool is_started_ = false;
  std::int64_t begin_ = 0;
  std::int64_t offset_ = 0;
  bool is_odd_ = false;           // what is at offset_
  const Piece* piece_ = nullptr;  // the crew's last one
};

}  // namespace polarway::csv
