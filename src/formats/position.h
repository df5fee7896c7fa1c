#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/byte_stream.h"
#include "polarway/result.h"
#include "polarway/source.h"

namespace polarway {

/// A serialisable place between two rows of a file: where a checkpoint goes on, or where a split
/// begins and ends.
struct Position {
  std::int64_t byte = 0;                 ///< Where the next row begins.
  std::int64_t row = 0;                  ///< Data rows before it.
  std::optional<std::int64_t> end_byte;  ///< Of a split: rows from here on are not its.
  std::string identity;                  ///< Of the file, when the position was made.

  std::string to_text() const;
  /// Reads it back. Config error for any other text; Changed when `bytes` are not the file that the
  /// position was made from.
  static Result<Position> parse(const std::string& text, const ByteStream& bytes);
};

/// The splits that begin at these places, in order; the last one ends at `end`.
std::vector<Split> splits_at(std::vector<Position> begins, std::int64_t end,
                             std::int64_t working_set_bytes);

}  // namespace polarway
