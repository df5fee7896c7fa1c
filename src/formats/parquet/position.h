#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/byte_stream.h"
#include "polarway/result.h"

namespace polarway::pq {

/// A serialisable place between two rows of a file: where a checkpoint goes on, or where a split
/// begins and ends.
struct Position {
  std::int64_t row_group = 0;             ///< The one that has the next row.
  std::int64_t row = 0;                   ///< Rows of that group before it.
  std::optional<std::int64_t> end_group;  ///< Of a split: row groups from here on are not its.
  std::string identity;                   ///< Of the file, when the position was made.

  std::string to_text() const;
  /// Reads it back. Config error for any other text; Changed when `bytes` are not the file that the
  /// position was made from.
  static Result<Position> parse(const std::string& text, const ByteStream& bytes);
};

}  // namespace polarway::pq
