#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>

#include "polarway/result.h"

namespace polarway::pq {

/// A column of a file, which keeps its own place in the row groups: pages of different columns end
/// at different rows, and a chunk may end anywhere.
///
/// A chunk is made of start(), read(), perhaps truncate(), and finish(). After an error whose kind
/// is retryable, go_to() begins again.
///
/// Threads: one at a time, not always the same; columns are independent.
class Column {
 public:
  virtual ~Column() = default;

  /// Arrow bytes of a row, without what differs from row to row.
  virtual std::int64_t fixed_row_bytes() const = 0;
  /// Whether rows take more than that.
  virtual bool varies() const = 0;

  /// Goes to a row, counted from 0 at the first of the row groups that are read.
  virtual void go_to(std::int64_t row) = 0;
  /// Until this is called again, chunks are made of these rows, which ascend, and must stay: the
  /// first is the next. Rows that were picked, and are not in a chunk yet, are picked again. Only
  /// where can_pick() of the file's column.
  virtual void pick(std::span<const std::int64_t> /*rows*/) {}
  /// Begins a chunk of at most so many rows.
  virtual Result<void> start(std::int64_t rows) = 0;
  /// Adds rows to the chunk until it has `rows`, or until what varies takes `max_bytes`. The rows
  /// are there. Says how many the chunk has.
  virtual Result<std::int64_t> read(std::int64_t rows, std::int64_t max_bytes) = 0;
  /// Of the rows read, what varies.
  virtual std::int64_t varying_bytes() const = 0;
  /// Of the next row, which had no room, what varies.
  virtual std::int64_t next_varying_bytes() const = 0;
  /// Goes back to the chunk's first `rows` rows: those after them come next again.
  virtual Result<void> truncate(std::int64_t rows) = 0;
  /// The chunk.
  virtual Result<std::shared_ptr<arrow::Array>> finish() = 0;
  /// Gives back what pages take; they are read again when they are needed.
  virtual void park() = 0;
};

}  // namespace polarway::pq
