#pragma once

#include <arrow/type_fwd.h>
#include <parquet/schema.h>

#include <memory>

#include "formats/parquet/value_column.h"

namespace polarway::pq {

/// The type that a column of a file has here, given the one that libparquet takes it for: text is
/// utf8 and bytes are binary, whichever layout the writer had it in, and a dictionary is its
/// values.
std::shared_ptr<arrow::DataType> plain_type(const std::shared_ptr<arrow::DataType>& type);

/// Whether each row has one value of the leaf, or null, and nothing else.
bool is_flat(const ::parquet::ColumnDescriptor& leaf);

/// What makes a column of that type of the values of that leaf; null where nothing here does.
std::unique_ptr<ValueColumn> make_value_column(const ::parquet::ColumnDescriptor& leaf,
                                               const std::shared_ptr<arrow::DataType>& type,
                                               arrow::MemoryPool* pool);

}  // namespace polarway::pq
