#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "formats/parquet/value_column.h"

namespace polarway::pq {

/// A column of booleans, which are bits in pages, too.
std::unique_ptr<ValueColumn> make_bool_column(arrow::MemoryPool* pool);

}  // namespace polarway::pq
