#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/byte_stream.h"
#include "polarway/result.h"

namespace polarway::ipc {

/// A serialisable place between two rows: where a checkpoint goes on, or where a split begins and
/// ends. Record batches are counted from 0.
struct Position {
  std::int64_t batch = 0;                 ///< The record batch with the next row,
  std::int64_t row = 0;                   ///< its place in there,
  std::int64_t rows_before = 0;           ///< and the rows of the batches before.
  std::optional<std::int64_t> end_batch;  ///< Of a split: this batch is not its any more.
  std::string identity;                   ///< Of the file, when the position was made.

  std::string to_text() const;
  /// Reads it back. Config for any other text; Changed when `bytes` are not the file that the
  /// position was made from.
  static Result<Position> parse(const std::string& text, const ByteStream& bytes);
};

}  // namespace polarway::ipc
