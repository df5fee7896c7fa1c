#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "polarway/result.h"

namespace polarway {

/// What all rows of a file have in common: an int64 (or a date, as days since 1970-01-01), a text,
/// or null.
using FileValue = std::optional<std::variant<std::int64_t, std::string>>;

/// @name Columns that readers add to those of a file
/// Of type int64, date32 or utf8; or, of nulls, of any. The pool must have been paid for, by
/// repeated_row_bytes() and its like for each row, and a kilobyte.
/// @{
Result<std::shared_ptr<arrow::Array>> repeated(const FileValue& value,
                                               const std::shared_ptr<arrow::DataType>& type,
                                               std::int64_t num_rows, arrow::MemoryPool* pool);
std::int64_t repeated_row_bytes(const FileValue& value, const arrow::DataType& type);

/// first, first + 1, ...
Result<std::shared_ptr<arrow::Array>> numbered(std::int64_t first, std::int64_t num_rows,
                                               arrow::MemoryPool* pool);
inline constexpr std::int64_t kNumberedRowBytes = 8;
/// @}

}  // namespace polarway
