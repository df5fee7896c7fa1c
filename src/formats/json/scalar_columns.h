#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "formats/json/json_column.h"

namespace polarway::json {

/// A column of values of one size: bool, integers, float32, float64, decimal128 (numbers, or texts
/// that are numbers), date32, times and timestamps (ISO 8601 texts). Null for any other type.
std::unique_ptr<JsonColumn> make_fixed_column(const std::shared_ptr<arrow::DataType>& type,
                                              ColumnContext& context);

/// A column that nobody wants: values are passed over, without a look at them.
std::unique_ptr<JsonColumn> make_skipped_column(ColumnContext& context);

}  // namespace polarway::json
