#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>

#include "polarway/result.h"

namespace polarway {

/// The values of a column where `mask`, which has no nulls, is true; `count` of them. New buffers,
/// exactly as large as the values need; only dictionaries and the texts behind views are shared.
Result<std::shared_ptr<arrow::Array>> filter_column(const arrow::Array& column,
                                                    const arrow::BooleanArray& mask,
                                                    std::int64_t count, arrow::MemoryPool* pool);

/// Upper bounds of what filter_column() takes from its pool.
struct FilteredBytes {
  std::int64_t result = 0;   // for the values
  std::int64_t scratch = 0;  // on top while it works
};
FilteredBytes filtered_bytes(const arrow::Array& column, const arrow::BooleanArray& mask,
                             std::int64_t count);

}  // namespace polarway
