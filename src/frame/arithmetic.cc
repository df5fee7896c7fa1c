#include <arrow/scalar.h>
#include <arrow/type.h>

#include <string>

#include "frame/typed_expr.h"
#include "polarway/schema.h"

namespace polarway {
namespace {

tl::unexpected<SourceError> no_number(const TypedExpr& value) {
  return fail({.kind = ErrorKind::Config,
               .message = "cannot compute with a " + DataType(value.type).to_string(),
               .hint = "arithmetic takes numbers"});
}

bool is_number(const TypedExpr& value) {
  const TypeFamily family = family_of(*value.type);
  return family == TypeFamily::Number || family == TypeFamily::Null;
}

const char* function_of(ExprOp op, bool checked) {
  switch (op) {
    case ExprOp::Add:
      return checked ? "add_checked" : "add";
    case ExprOp::Subtract:
      return checked ? "subtract_checked" : "subtract";
    case ExprOp::Multiply:
      return checked ? "multiply_checked" : "multiply";
    default:
      return "divide";
  }
}

// An integer column stays unsigned 64 bits wide if its partner fits there.
bool fits_uint64(const TypedExpr& value) {
  if (arrow::is_unsigned_integer(value.type->id())) return true;
  const auto* number = value.literal ? std::get_if<std::int64_t>(value.literal) : nullptr;
  return number != nullptr && *number >= 0;
}

TypedExpr as_uint64(const TypedExpr& value) {
  if (!value.literal) return cast_to(value, arrow::uint64());
  const std::int64_t number = std::get<std::int64_t>(*value.literal);
  return constant(arrow::MakeScalar(static_cast<std::uint64_t>(number)));
}

}  // namespace

Result<TypedExpr> arithmetic(ExprOp op, const TypedExpr& left_side, const TypedExpr& right_side) {
  const TypedExpr left = computable(left_side);
  const TypedExpr right = computable(right_side);
  if (!is_number(left)) return no_number(left);
  if (!is_number(right)) return no_number(right);

  const auto either = [&](bool (*is)(arrow::Type::type)) {
    return is(left.type->id()) || is(right.type->id());
  };
  if (op == ExprOp::Divide || either(arrow::is_floating)) {
    // Unchecked, as floats are everywhere: x / 0 is inf or NaN.
    return TypedExpr{call(function_of(op, false), cast_to(left, arrow::float64()).expression,
                          cast_to(right, arrow::float64()).expression),
                     arrow::float64()};
  }
  if (either(arrow::is_decimal)) {
    const auto decimal = [](const TypedExpr& value) {
      if (value.type->id() == arrow::Type::NA) return nulls_of(arrow::decimal128(1, 0)).expression;
      return arrow::is_decimal(value.type->id()) ? value.expression : as_decimal(value).expression;
    };
    return TypedExpr{call(function_of(op, true), decimal(left), decimal(right)), nullptr};
  }
  const bool wide = either([](arrow::Type::type id) { return id == arrow::Type::UINT64; });
  if (wide && fits_uint64(left) && fits_uint64(right)) {
    return TypedExpr{
        call(function_of(op, true), as_uint64(left).expression, as_uint64(right).expression),
        arrow::uint64()};
  }
  return TypedExpr{call(function_of(op, true), cast_to(left, arrow::int64()).expression,
                        cast_to(right, arrow::int64()).expression),
                   arrow::int64()};
}

Result<TypedExpr> negated(const TypedExpr& given) {
  const TypedExpr value = computable(given);
  if (!is_number(value)) return no_number(value);
  const bool integer = arrow::is_integer(value.type->id()) || value.type->id() == arrow::Type::NA;
  if (!integer) return TypedExpr{call("negate", value.expression), value.type};
  return TypedExpr{call("negate_checked", cast_to(value, arrow::int64()).expression),
                   arrow::int64()};
}

}  // namespace polarway
