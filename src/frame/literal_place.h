#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>

#include "frame/expr_node.h"
#include "polarway/result.h"

namespace polarway {

/// Where a literal lies among the values that a column's type can hold. A comparison with it then
/// needs no cast of the column, and is exact: an int64 is below 2.5 if it is 2 or less, a date is
/// after '2024-01-01 12:00' if it is 2024-01-02 or more.
struct LiteralPlace {
  enum class Kind : std::uint8_t {
    Exact,    // `value` is the literal
    Between,  // no value of the type is; `value` is the largest below it
    Below,    // all values are larger
    Above,    // all values are smaller
  };
  Kind kind = Kind::Exact;
  std::shared_ptr<arrow::Scalar> value = {};
};

/// Whether place_literal() knows what the literal, which is not null, means for values of that
/// type: a number for numbers, text for text, dates and timestamps, a boolean for booleans.
bool has_place(const LiteralValue& literal, const arrow::DataType& type);

/// The place of a literal for which has_place() holds. Config error for text that is no date or
/// time, or leaves open which zone it means. A float32 column takes literals as float32s, rounded.
Result<LiteralPlace> place_literal(const LiteralValue& literal,
                                   const std::shared_ptr<arrow::DataType>& type);

}  // namespace polarway
