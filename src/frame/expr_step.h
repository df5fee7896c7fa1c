#pragma once

#include <arrow/compute/expression.h>
#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "polarway/result.h"

namespace polarway {

/// A part of an expression that Arrow's functions do not compute as we promise it, so that it is
/// computed by itself, before the rest.
struct ExprStep {
  /// What it computes with. Reads columns and the results of earlier steps.
  arrow::compute::Expression argument;
  /// Of the result.
  std::shared_ptr<arrow::DataType> type;
  /// The result from the argument's values. Schema error for a value that has none.
  std::function<Result<std::shared_ptr<arrow::Array>>(const arrow::Array&, arrow::MemoryPool*)>
      apply;
  /// An upper bound of what apply() takes from the pool for so many rows, its result included.
  std::function<std::int64_t(std::int64_t rows)> bytes;
};

}  // namespace polarway
