#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>

#include "polarway/result.h"

namespace polarway {

/// Casts, as Expr::cast() promises them: a value becomes the same value in another type, or is an
/// error. `from` is never a dictionary, a view or another type that computable() undoes.

/// Whether values of that type have one meaning in the other.
bool can_cast(const arrow::DataType& from, const arrow::DataType& to);

/// The values in a type that can_cast() takes them to. Schema error with the first value that does
/// not fit and its row in the array, from 1; MemoryLimit when the pool has no memory.
Result<std::shared_ptr<arrow::Array>> cast_values(const arrow::Array& values,
                                                  const std::shared_ptr<arrow::DataType>& to,
                                                  arrow::MemoryPool* pool);

/// An upper bound of what cast_values() takes from the pool for so many rows, its result included.
std::int64_t cast_bytes(const arrow::DataType& from, const arrow::DataType& to, std::int64_t rows);

}  // namespace polarway
