#pragma once

#include <arrow/compute/expression.h>
#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>

#include "frame/expr_node.h"
#include "polarway/result.h"

namespace polarway {

/// A part of an expression, in Arrow's words, whose type is known.
struct TypedExpr {
  arrow::compute::Expression expression;
  std::shared_ptr<arrow::DataType> type;
  const LiteralValue* literal = nullptr;  // when it is one
};

/// What compares with its like.
enum class TypeFamily : std::uint8_t {
  Null,
  Boolean,
  Number,
  Text,
  Binary,
  Date,
  Timestamp,
  Time,
  Duration,
  Other,
};

/// Which family a type belongs to.
TypeFamily family_of(const arrow::DataType& type);

/// A call of an Arrow function.
arrow::compute::Expression call(const char* function, arrow::compute::Expression argument);
arrow::compute::Expression call(const char* function, arrow::compute::Expression left,
                                arrow::compute::Expression right);

/// A constant.
TypedExpr constant(const std::shared_ptr<arrow::Scalar>& value);

/// A literal, which must outlive what it becomes.
TypedExpr literal_expr(const LiteralValue& literal);

/// Nulls of that type.
TypedExpr nulls_of(const std::shared_ptr<arrow::DataType>& type);

/// The value as that type; itself when it is that already. A value that does not fit is an error
/// when it is met; integers become the nearest float.
TypedExpr cast_to(const TypedExpr& value, const std::shared_ptr<arrow::DataType>& type);

/// The value in a type that Arrow's kernels compute with: dictionaries are decoded, views become
/// plain text, half floats and small decimals become larger ones.
TypedExpr computable(const TypedExpr& value);

/// An integer as a decimal that holds every value of its type, or just the literal.
TypedExpr as_decimal(const TypedExpr& integer);

/// `left OP right` for one of = != < <= > >=. Numbers are compared by value: an integer with a
/// literal exactly, whatever its type. An integer or decimal column and a float column are compared
/// as float64 (of a decimal Arrow makes one that may be off by the last bit). NaN equals NaN and is
/// greater than every number, as in Polars and DuckDB. Config error for types that do not compare.
Result<TypedExpr> compare(ExprOp op, const TypedExpr& left, const TypedExpr& right);

/// Whether the value is one of the literals, as `value = a or value = b or ...` would have it.
Result<TypedExpr> is_one_of(const TypedExpr& value, std::span<const LiteralValue* const> literals);

/// `left OP right` for one of + - * /, on numbers. `/` gives a float64; so does everything with a
/// float in it; decimals stay decimals; other integers become int64, and what overflows is an error
/// when it is met. The type of a decimal is not set: Arrow knows it once the expression is bound.
Result<TypedExpr> arithmetic(ExprOp op, const TypedExpr& left, const TypedExpr& right);

/// -value, for a number.
Result<TypedExpr> negated(const TypedExpr& value);

}  // namespace polarway
