#include "formats/csv/rescued_column.h"

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>

#include "core/arrow_status.h"

namespace polarway::csv {

Result<std::shared_ptr<arrow::Array>> make_rescued_column(std::span<const Misfit> rescued,
                                                          std::int64_t num_rows,
                                                          arrow::MemoryPool* pool) {
  arrow::StringBuilder column(pool);
  std::int64_t bytes = 0;
  for (const Misfit& misfit : rescued) {
    bytes += static_cast<std::int64_t>(misfit.rescued.size()) + 2;  // and what stands between them
  }
  POLARWAY_CHECK(from_arrow(column.Reserve(num_rows)));
  POLARWAY_CHECK(from_arrow(column.ReserveData(bytes)));
  std::size_t next = 0;
  std::string object;
  for (std::int64_t row = 0; row < num_rows; ++row) {
    if (next == rescued.size() || rescued[next].chunk_row != row) {
      column.UnsafeAppendNull();
      continue;
    }
    object.assign(1, '{');
    for (; next < rescued.size() && rescued[next].chunk_row == row; ++next) {
      if (object.size() > 1) object += ',';
      object += rescued[next].rescued;
    }
    object += '}';
    column.UnsafeAppend(object);
  }
  return from_arrow(column.Finish());
}

}  // namespace polarway::csv
