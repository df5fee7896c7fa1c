#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "formats/parquet/column.h"
#include "formats/parquet/row_groups.h"
#include "formats/parquet/value_column.h"
#include "polarway/memory.h"

namespace polarway::pq {

/// Which of a file's columns, and what it is called.
struct ColumnPlace {
  int leaf = 0;  ///< Its number among the leaves of the schema.
  std::string name;
  bool is_nullable = false;
};

/// A column without structure: one value in each row, or null. Its pages are decoded here, one at a
/// time, as `values` say. All arguments outlive it.
std::unique_ptr<Column> make_flat_column(const ColumnPlace& place,
                                         std::unique_ptr<ValueColumn> values,
                                         const RowGroups& groups, RandomAccess& file,
                                         const std::shared_ptr<MemoryBudget>& budget,
                                         std::stop_token stop);

}  // namespace polarway::pq
