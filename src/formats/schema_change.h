#pragma once

#include <cstdint>

#include "polarway/result.h"

namespace polarway {

/// What becomes of a value that its column cannot hold.
enum class SchemaChange : std::uint8_t {
  Error,
  Reject,  ///< The row is left out.
  Rescue,  ///< The value is null, and its text goes into the column kRescuedColumn.
  Widen,   ///< The column gets a wider type from there on: no consumer takes that yet.
};

/// Where on_schema_change=rescue has what did not fit: one JSON object a row, of values by column.
inline constexpr const char* kRescuedColumn = "_rescued";

/// Config error for what no consumer takes.
Result<void> check_schema_change(SchemaChange change);

/// Config error for a file that has a column called kRescuedColumn itself.
SourceError rescued_column_is_there();

}  // namespace polarway
