#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>

#include "formats/growing_buffer.h"
#include "formats/parquet/value_column.h"

namespace polarway::pq {

/// The validity bitmap of a column that is being made. There is none until there is a null: most
/// columns have none.
class Validity {
 public:
  explicit Validity(arrow::MemoryPool* pool) : bits_(pool) {}

  void clear();
  /// Adds rows.
  Result<void> append(const RowBatch& rows);
  void truncate(std::int64_t rows);
  std::int64_t num_rows() const { return num_rows_; }

  /// An array of the rows with these other buffers; no rows are left here then.
  Result<std::shared_ptr<arrow::Array>> finish(const std::shared_ptr<arrow::DataType>& type,
                                               arrow::BufferVector buffers);

 private:
  GrowingBuffer bits_;
  bool has_bits_ = false;
  std::int64_t num_rows_ = 0;
  std::int64_t num_nulls_ = 0;
};

}  // namespace polarway::pq
