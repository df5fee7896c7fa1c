#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>

#include "formats/parquet/value_column.h"

namespace polarway::pq {

/// How stored values become Arrow's.
struct Conversion {
  std::int64_t stored_width = 0;  ///< Bytes of a stored value,
  std::int64_t width = 0;         ///< and of Arrow's.
  bool are_integers = false;      ///< As stored, in the machine's order.
  /// Makes `count` values of stored ones, and says how many it could make. Null: they are the same.
  std::int64_t (*convert)(const std::uint8_t* stored, std::int64_t stored_width, std::int64_t count,
                          std::uint8_t* out) = nullptr;
};

/// A column of values of one width.
std::unique_ptr<ValueColumn> make_fixed_column(std::shared_ptr<arrow::DataType> type,
                                               const Conversion& conversion,
                                               arrow::MemoryPool* pool);

}  // namespace polarway::pq
