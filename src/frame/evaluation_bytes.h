#pragma once

#include <arrow/compute/exec.h>
#include <arrow/compute/expression.h>

#include <cstdint>

namespace polarway {

/// An upper bound of the memory that evaluating a bound expression takes at the same time, its
/// result included, with these columns. Columns themselves are not counted.
std::int64_t evaluation_bytes(const arrow::compute::Expression& expression,
                              const arrow::compute::ExecBatch& input);

/// What a buffer of that many bytes takes from a budget's pool.
std::int64_t buffer_bytes(std::int64_t bytes);

/// The same for an array of that many values of a fixed width, validity included.
std::int64_t fixed_width_bytes(std::int64_t rows, int bits);

}  // namespace polarway
