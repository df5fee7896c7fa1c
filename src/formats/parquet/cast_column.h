#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>

#include "formats/parquet/column.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::pq {

/// A column as another type, exactly: for files that are read as one table, of which this one has
/// another type than the first. Schema error where one type has no meaning as the other.
Result<std::unique_ptr<Column>> make_cast_column(std::unique_ptr<Column> column, std::string name,
                                                 const std::shared_ptr<arrow::DataType>& from,
                                                 const std::shared_ptr<arrow::DataType>& to,
                                                 std::string location,
                                                 const std::shared_ptr<MemoryBudget>& budget);

}  // namespace polarway::pq
