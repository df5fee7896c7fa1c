#include "frame/typed_expr.h"

#include <arrow/compute/cast.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>

#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace polarway {

namespace cp = arrow::compute;

TypeFamily family_of(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::NA:
      return TypeFamily::Null;
    case arrow::Type::BOOL:
      return TypeFamily::Boolean;
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
      return TypeFamily::Text;
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::FIXED_SIZE_BINARY:
      return TypeFamily::Binary;
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
      return TypeFamily::Date;
    case arrow::Type::TIMESTAMP:
      return TypeFamily::Timestamp;
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      return TypeFamily::Time;
    case arrow::Type::DURATION:
      return TypeFamily::Duration;
    default:
      return arrow::is_numeric(type.id()) || arrow::is_decimal(type.id()) ? TypeFamily::Number
                                                                          : TypeFamily::Other;
  }
}

cp::Expression call(const char* function, cp::Expression argument) {
  return cp::call(function, {std::move(argument)});
}

cp::Expression call(const char* function, cp::Expression left, cp::Expression right) {
  return cp::call(function, {std::move(left), std::move(right)});
}

TypedExpr constant(const std::shared_ptr<arrow::Scalar>& value) {
  return {cp::literal(value), value->type};
}

TypedExpr literal_expr(const LiteralValue& literal) {
  TypedExpr typed = nulls_of(arrow::null());
  if (const auto* number = std::get_if<std::int64_t>(&literal)) {
    typed = constant(arrow::MakeScalar(*number));
  } else if (const auto* real = std::get_if<double>(&literal)) {
    typed = constant(arrow::MakeScalar(*real));
  } else if (const auto* boolean = std::get_if<bool>(&literal)) {
    typed = constant(arrow::MakeScalar(*boolean));
  } else if (const auto* text = std::get_if<std::string>(&literal)) {
    typed = constant(arrow::MakeScalar(*text));
  }
  typed.literal = &literal;
  return typed;
}

TypedExpr nulls_of(const std::shared_ptr<arrow::DataType>& type) {
  return constant(arrow::MakeNullScalar(type));
}

TypedExpr cast_to(const TypedExpr& value, const std::shared_ptr<arrow::DataType>& type) {
  if (value.type->Equals(*type)) return value;
  if (value.type->id() == arrow::Type::NA) return nulls_of(type);
  cp::CastOptions options = cp::CastOptions::Safe(type);
  options.allow_float_truncate = arrow::is_integer(value.type->id());
  return {cp::call("cast", {value.expression}, std::move(options)), type, nullptr};
}

TypedExpr as_decimal(const TypedExpr& integer) {
  const std::int64_t* number =
      integer.literal ? std::get_if<std::int64_t>(integer.literal) : nullptr;
  if (number != nullptr) {
    const arrow::Decimal128 value(*number);
    std::int32_t digits = 1;
    while (!value.FitsInPrecision(digits)) ++digits;
    return constant(std::make_shared<arrow::Decimal128Scalar>(value, arrow::decimal128(digits, 0)));
  }
  // As many digits as the largest value of so many bytes has.
  static constexpr std::array<std::int32_t, 9> kDigits = {1, 3, 5, 0, 10, 0, 0, 0, 20};
  return cast_to(
      integer, arrow::decimal128(kDigits[static_cast<std::size_t>(integer.type->byte_width())], 0));
}

TypedExpr computable(const TypedExpr& value) {
  switch (value.type->id()) {
    case arrow::Type::DICTIONARY: {
      const auto& dictionary = static_cast<const arrow::DictionaryType&>(*value.type);
      return computable(cast_to(value, dictionary.value_type()));
    }
    case arrow::Type::STRING_VIEW:
      return cast_to(value, arrow::utf8());
    case arrow::Type::BINARY_VIEW:
      return cast_to(value, arrow::binary());
    case arrow::Type::HALF_FLOAT:
      return cast_to(value, arrow::float32());
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(*value.type);
      return cast_to(value, arrow::decimal128(decimal.precision(), decimal.scale()));
    }
    case arrow::Type::EXTENSION: {
      const auto& extension = static_cast<const arrow::ExtensionType&>(*value.type);
      return computable(cast_to(value, extension.storage_type()));
    }
    default:
      return value;
  }
}

}  // namespace polarway
