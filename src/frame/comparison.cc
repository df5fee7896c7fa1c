#include <arrow/array/builder_base.h>
#include <arrow/compute/api_scalar.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "core/arrow_status.h"
#include "frame/literal_place.h"
#include "frame/typed_expr.h"
#include "polarway/schema.h"

namespace polarway {
namespace {

namespace cp = arrow::compute;

tl::unexpected<SourceError> do_not_compare(const TypedExpr& left, const TypedExpr& right) {
  std::string hint;
  const TypeFamily family = family_of(*left.type);
  const TypeFamily other = family_of(*right.type);
  if (family == TypeFamily::Text && other == TypeFamily::Number && right.literal) {
    hint = "write the number in 'single quotes'";
  } else if (family == TypeFamily::Number && other == TypeFamily::Text && right.literal) {
    hint = "write the number without quotes";
  } else if (right.literal && (family == TypeFamily::Date || family == TypeFamily::Timestamp)) {
    hint = "write the date as '2024-02-29'";
  }
  return fail({.kind = ErrorKind::Config,
               .message = "cannot compare " + DataType(left.type).to_string() + " with " +
                          DataType(right.type).to_string(),
               .hint = std::move(hint)});
}

const char* function_of(ExprOp op) {
  switch (op) {
    case ExprOp::Equal:
      return "equal";
    case ExprOp::NotEqual:
      return "not_equal";
    case ExprOp::Less:
      return "less";
    case ExprOp::LessEqual:
      return "less_equal";
    case ExprOp::Greater:
      return "greater";
    default:
      return "greater_equal";
  }
}

TypedExpr truth(cp::Expression expression) { return {std::move(expression), arrow::boolean()}; }

cp::Expression inverted(cp::Expression expression) { return call("invert", std::move(expression)); }

// False, and null where the value is null.
cp::Expression never(const TypedExpr& value) {
  return call("less", value.expression, value.expression);
}

// "or" and "and" without Kleene are null wherever a side is, as comparisons must be.
cp::Expression compare_floats(ExprOp op, const cp::Expression& left, const cp::Expression& right) {
  const auto is_nan = [](const cp::Expression& value) { return call("is_nan", value); };
  switch (op) {
    case ExprOp::Equal:
      return call("or", call("equal", left, right), call("and", is_nan(left), is_nan(right)));
    case ExprOp::NotEqual:
      return inverted(compare_floats(ExprOp::Equal, left, right));
    case ExprOp::Less:
      return inverted(call("or", call("greater_equal", left, right), is_nan(left)));
    case ExprOp::LessEqual:
      return call("or", call("less_equal", left, right), is_nan(right));
    default:
      return compare_floats(mirrored(op), right, left);
  }
}

// With a constant that is no NaN one kernel is enough, or two.
cp::Expression compare_with_number(ExprOp op, const TypedExpr& left, const cp::Expression& right) {
  if (arrow::is_floating(left.type->id())) {
    if (op == ExprOp::Greater) return inverted(call("less_equal", left.expression, right));
    if (op == ExprOp::GreaterEqual) return inverted(call("less", left.expression, right));
  }
  return call(function_of(op), left.expression, right);
}

cp::Expression compare_with_nan(ExprOp op, const TypedExpr& left) {
  switch (op) {
    case ExprOp::Equal:
    case ExprOp::GreaterEqual:
      return call("is_nan", left.expression);
    case ExprOp::NotEqual:
    case ExprOp::Less:
      return inverted(call("is_nan", left.expression));
    case ExprOp::LessEqual:
      return inverted(never(left));
    default:
      return never(left);
  }
}

bool is_nan(const LiteralValue& literal) {
  const auto* number = std::get_if<double>(&literal);
  return number != nullptr && std::isnan(*number);
}

Result<TypedExpr> compare_with_literal(ExprOp op, const TypedExpr& left, const TypedExpr& right) {
  if (!has_place(*right.literal, *left.type)) return do_not_compare(left, right);
  if (is_nan(*right.literal) && arrow::is_floating(left.type->id())) {
    return truth(compare_with_nan(op, left));
  }
  POLARWAY_TRY(const LiteralPlace place, place_literal(*right.literal, left.type));
  const bool below = op == ExprOp::Less || op == ExprOp::LessEqual;
  switch (place.kind) {
    case LiteralPlace::Kind::Exact:
      return truth(compare_with_number(op, left, cp::literal(place.value)));
    case LiteralPlace::Kind::Between:
      if (op == ExprOp::Equal) return truth(never(left));
      if (op == ExprOp::NotEqual) return truth(inverted(never(left)));
      return truth(compare_with_number(below ? ExprOp::LessEqual : ExprOp::Greater, left,
                                       cp::literal(place.value)));
    default: {
      const bool above = place.kind == LiteralPlace::Kind::Above;
      const bool holds = op == ExprOp::NotEqual || (op != ExprOp::Equal && above == below);
      return truth(holds ? inverted(never(left)) : never(left));
    }
  }
}

// The type in which two numbers of different types are compared; null for decimals.
std::shared_ptr<arrow::DataType> common_number(const arrow::DataType& left,
                                               const arrow::DataType& right) {
  if (arrow::is_floating(left.id()) || arrow::is_floating(right.id())) return arrow::float64();
  if (arrow::is_decimal(left.id()) || arrow::is_decimal(right.id())) return nullptr;
  const auto fits_int64 = [](const arrow::DataType& type) {
    return type.id() != arrow::Type::UINT64;
  };
  if (fits_int64(left) && fits_int64(right)) return arrow::int64();
  if (arrow::is_unsigned_integer(left.id()) && arrow::is_unsigned_integer(right.id())) {
    return arrow::uint64();
  }
  return arrow::decimal128(20, 0);  // holds every int64 and every uint64
}

bool has_zone(const arrow::DataType& type) {
  return type.id() == arrow::Type::TIMESTAMP &&
         !static_cast<const arrow::TimestampType&>(type).timezone().empty();
}

// The type in which two times of one or two families are compared; null when they do not compare.
std::shared_ptr<arrow::DataType> common_time(const arrow::DataType& left,
                                             const arrow::DataType& right) {
  if (has_zone(left) != has_zone(right)) return nullptr;
  const bool left_is_date = left.id() != arrow::Type::TIMESTAMP;
  const bool right_is_date = right.id() != arrow::Type::TIMESTAMP;
  if (left_is_date && right_is_date) return arrow::date64();
  const auto& some = static_cast<const arrow::TimestampType&>(left_is_date ? right : left);
  const auto& other = static_cast<const arrow::TimestampType&>(right_is_date ? left : right);
  return arrow::timestamp(std::max(some.unit(), other.unit()), some.timezone());
}

}  // namespace

Result<TypedExpr> compare(ExprOp op, const TypedExpr& left_side, const TypedExpr& right_side) {
  if (left_side.literal && !right_side.literal) return compare(mirrored(op), right_side, left_side);
  const TypedExpr left = computable(left_side);
  const TypedExpr right = computable(right_side);
  const TypeFamily family = family_of(*left.type);
  const TypeFamily other = family_of(*right.type);
  if (family == TypeFamily::Null || other == TypeFamily::Null) return nulls_of(arrow::boolean());
  if (right.literal) return compare_with_literal(op, left, right);

  std::shared_ptr<arrow::DataType> common = left.type;
  if (!left.type->Equals(*right.type)) {
    const auto is_time = [](TypeFamily which) {
      return which == TypeFamily::Date || which == TypeFamily::Timestamp;
    };
    if (is_time(family) && is_time(other)) {
      common = common_time(*left.type, *right.type);
      if (!common) return do_not_compare(left, right);
    } else if (family != other) {
      return do_not_compare(left, right);
    } else if (family == TypeFamily::Number) {
      common = common_number(*left.type, *right.type);
    } else if (family == TypeFamily::Text) {
      common = arrow::large_utf8();
    } else {
      common = nullptr;
    }
  }
  if (family == TypeFamily::Other) return do_not_compare(left, right);
  if (!common) {
    // Times of different units, and decimals of different scales: Arrow finds what both fit into.
    const auto plain = [](const TypedExpr& value) {
      return arrow::is_integer(value.type->id()) ? as_decimal(value).expression : value.expression;
    };
    return truth(call(function_of(op), plain(left), plain(right)));
  }
  const cp::Expression a = cast_to(left, common).expression;
  const cp::Expression b = cast_to(right, common).expression;
  return truth(arrow::is_floating(common->id()) ? compare_floats(op, a, b)
                                                : call(function_of(op), a, b));
}

Result<TypedExpr> is_one_of(const TypedExpr& given, std::span<const LiteralValue* const> literals) {
  const TypedExpr value = computable(given);
  if (family_of(*value.type) == TypeFamily::Null) return nulls_of(arrow::boolean());
  POLARWAY_TRY(auto builder, from_arrow(arrow::MakeBuilder(value.type)));
  bool has_nan = false;
  for (const LiteralValue* literal : literals) {
    if (std::holds_alternative<std::monostate>(*literal)) {
      POLARWAY_CHECK(from_arrow(builder->AppendNull()));
      continue;
    }
    if (!has_place(*literal, *value.type)) {
      return do_not_compare(value, literal_expr(*literal));
    }
    // Arrow looks values up by their bits: it misses a NaN with others, and the other zero.
    if (is_nan(*literal)) {
      has_nan = true;
      continue;
    }
    POLARWAY_TRY(const LiteralPlace place, place_literal(*literal, value.type));
    if (place.kind != LiteralPlace::Kind::Exact) continue;
    POLARWAY_CHECK(from_arrow(builder->AppendScalar(*place.value)));
    if (*literal != LiteralValue(0.0) && *literal != LiteralValue(std::int64_t{0})) continue;
    for (const double zero : {0.0, -0.0}) {
      POLARWAY_TRY(const LiteralPlace signed_zero, place_literal(zero, value.type));
      POLARWAY_CHECK(from_arrow(builder->AppendScalar(*signed_zero.value)));
    }
  }
  POLARWAY_TRY(std::shared_ptr<arrow::Array> values, from_arrow(builder->Finish()));
  // SQL's `in`: null when nothing matches and a null is in the list.
  cp::Expression found =
      cp::call("is_in", {value.expression},
               cp::SetLookupOptions(std::move(values), cp::SetLookupOptions::INCONCLUSIVE));
  if (has_nan && arrow::is_floating(value.type->id())) {
    found = call("or_kleene", std::move(found), call("is_nan", value.expression));
  }
  return truth(std::move(found));
}

}  // namespace polarway
