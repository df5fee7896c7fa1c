#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "formats/parquet/value_column.h"

namespace polarway::pq {

/// A column of text or of bytes. `type` is utf8, which is checked, or binary.
std::unique_ptr<ValueColumn> make_text_column(std::shared_ptr<arrow::DataType> type,
                                              arrow::MemoryPool* pool);

}  // namespace polarway::pq
