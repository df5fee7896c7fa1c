#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>

#include "formats/csv/misfits.h"
#include "polarway/result.h"

namespace polarway::csv {

/// The column of what did not fit: for rows with misfits a JSON object of the texts by column, else
/// null. `rescued` is in the order of rows and columns; the caller has paid.
Result<std::shared_ptr<arrow::Array>> make_rescued_column(std::span<const Misfit> rescued,
                                                          std::int64_t num_rows,
                                                          arrow::MemoryPool* pool);

}  // namespace polarway::csv
