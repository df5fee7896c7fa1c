#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "datasets/table_maker.h"
#include "polarway/result.h"

namespace polarway::datasets {

/// How large a file becomes.
struct TableSize {
  std::int64_t rows = 0;   ///< This many; 0: as many as `bytes` takes.
  std::int64_t bytes = 0;  ///< The file ends with the row that reaches this size.
};

/// What was written.
struct TableWritten {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

/// Writes a table as a CSV file with a header. Replaces the file, and removes it again after an
/// error or a stop (Cancelled).
Result<TableWritten> write_table(const std::string& path, TableMaker& table, const TableSize& size,
                                 std::stop_token stop);

}  // namespace polarway::datasets
