#include "frame/literal_place.h"

#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "core/arrow_status.h"
#include "core/quoted_text.h"
#include "frame/iso_time.h"
#include "polarway/schema.h"

namespace polarway {
namespace {

using Kind = LiteralPlace::Kind;
using Type = std::shared_ptr<arrow::DataType>;
__extension__ using Int128 = __int128;

constexpr std::int64_t kNanosecondsPerDay = 86'400'000'000'000;

template <class Value>
Result<LiteralPlace> place_at(Kind kind, const Type& type, Value value) {
  POLARWAY_TRY(auto scalar, from_arrow(arrow::MakeScalar(type, std::move(value))));
  return LiteralPlace{.kind = kind, .value = std::move(scalar)};
}

// The literal is `floor`, or lies between it and the next integer.
template <class Integer>
Result<LiteralPlace> place_integer(Int128 floor, bool exact, const Type& type) {
  using Limits = std::numeric_limits<Integer>;
  if (floor < Limits::min()) return LiteralPlace{.kind = Kind::Below};
  if (floor > Limits::max()) return LiteralPlace{.kind = Kind::Above};
  return place_at(exact ? Kind::Exact : Kind::Between, type, static_cast<Integer>(floor));
}

template <class Integer>
Result<LiteralPlace> place_among_integers(const LiteralValue& literal, const Type& type) {
  if (const auto* number = std::get_if<std::int64_t>(&literal)) {
    return place_integer<Integer>(*number, true, type);
  }
  const double number = std::get<double>(literal);
  if (std::isnan(number) || number >= 0x1p64) return LiteralPlace{.kind = Kind::Above};
  if (number < -0x1p64) return LiteralPlace{.kind = Kind::Below};
  const double floor = std::floor(number);
  return place_integer<Integer>(static_cast<Int128>(floor), floor == number, type);
}

template <class Float>
Result<LiteralPlace> place_among_floats(const LiteralValue& literal, const Type& type) {
  constexpr Float kInfinity = std::numeric_limits<Float>::infinity();
  if (const auto* number = std::get_if<double>(&literal)) {
    const Float near = static_cast<Float>(*number);
    if (std::isfinite(*number) && !std::isfinite(near)) {  // beyond the largest float32
      return place_at(Kind::Between, type, near > 0 ? std::nextafter(near, Float{0}) : near);
    }
    return place_at(Kind::Exact, type, near);
  }
  const std::int64_t number = std::get<std::int64_t>(literal);
  const Float near = static_cast<Float>(number);
  const Int128 back = static_cast<Int128>(near);  // exact: no larger than 2^63
  if (back == number) return place_at(Kind::Exact, type, near);
  return place_at(Kind::Between, type, back > number ? std::nextafter(near, -kInfinity) : near);
}

Result<std::shared_ptr<arrow::Scalar>> decimal_scalar(const arrow::Decimal256& value,
                                                      const Type& type) {
  if (type->id() == arrow::Type::DECIMAL256) {
    return std::make_shared<arrow::Decimal256Scalar>(value, type);
  }
  const auto& words = value.little_endian_array();
  const arrow::Decimal128 narrow(static_cast<std::int64_t>(words[1]), words[0]);
  return std::make_shared<arrow::Decimal128Scalar>(narrow, type);
}

// By the literal's digits: 0.1 is a tenth, not the double that is nearest to it.
Result<LiteralPlace> place_among_decimals(const LiteralValue& literal, const Type& type) {
  const auto& decimal = static_cast<const arrow::DecimalType&>(*type);
  const std::string digits =
      Expr(std::make_shared<ExprNode>(ExprOp::Literal, std::vector<ExprTree>{}, std::string(),
                                      literal))
          .to_string();
  const LiteralPlace beyond{.kind = digits.starts_with('-') ? Kind::Below : Kind::Above};
  arrow::Decimal256 value;
  std::int32_t precision = 0;
  std::int32_t scale = 0;
  if (digits == "nan" || digits == "inf" || digits == "-inf" ||
      !arrow::Decimal256::FromString(digits, &value, &precision, &scale).ok()) {
    return beyond;
  }
  bool exact = true;
  if (scale <= decimal.scale()) {
    auto widened = value.Rescale(scale, decimal.scale());
    if (!widened.ok()) return beyond;
    value = *widened;
  } else {
    // More digits cannot be dropped at once than there are; the rest only leaves a zero behind.
    const std::int32_t dropped =
        std::min(scale - decimal.scale(), arrow::Decimal256::kMaxPrecision);
    const bool negative = value < 0;
    const arrow::Decimal256 unit = arrow::Decimal256::GetScaleMultiplier(dropped);
    POLARWAY_TRY(auto divided, from_arrow(value.Divide(unit)));
    exact = divided.second == 0;
    value = divided.first;
    if (negative && !exact) value -= arrow::Decimal256(1);
  }
  if (!value.FitsInPrecision(decimal.precision())) return beyond;
  POLARWAY_TRY(auto scalar, decimal_scalar(value, type));
  return LiteralPlace{.kind = exact ? Kind::Exact : Kind::Between, .value = std::move(scalar)};
}

std::int64_t nanoseconds_per(arrow::TimeUnit::type unit) {
  static constexpr std::array<std::int64_t, 4> kNanoseconds = {1'000'000'000, 1'000'000, 1'000, 1};
  return kNanoseconds[static_cast<std::size_t>(unit)];
}

bool is_utc(const std::string& zone) {
  for (const char* name :
       {"UTC", "utc", "Etc/UTC", "GMT", "Z", "Zulu", "+00:00", "+00", "-00:00"}) {
    if (zone == name) return true;
  }
  return false;
}

template <class Integer>
Result<LiteralPlace> place_instant(Int128 nanoseconds, std::int64_t unit, const Type& type) {
  const Int128 floor = nanoseconds / unit - (nanoseconds % unit < 0 ? 1 : 0);
  return place_integer<Integer>(floor, nanoseconds % unit == 0, type);
}

Result<LiteralPlace> place_among_times(const std::string& text, const Type& type) {
  const auto refuse = [&](std::string hint) {
    return fail(
        {.kind = ErrorKind::Config,
         .message = shorten(text) + " cannot be compared with a " + DataType(type).to_string(),
         .hint = std::move(hint)});
  };
  const std::optional<IsoTime> time = parse_iso_time(text);
  if (!time) return refuse("write it as 2024-02-29, or as 2024-02-29T12:30:00");
  const Int128 local = Int128{time->days} * kNanosecondsPerDay + time->nanoseconds;
  const Int128 instant = local - Int128{time->offset_minutes.value_or(0)} * 60 * 1'000'000'000;
  const bool zoned = type->id() == arrow::Type::TIMESTAMP &&
                     !static_cast<const arrow::TimestampType&>(*type).timezone().empty();
  if (time->offset_minutes && !zoned) {
    return refuse("the column has no time zone: leave that of the text out");
  }
  if (type->id() == arrow::Type::DATE32) {
    return place_instant<std::int32_t>(instant, kNanosecondsPerDay, type);
  }
  if (type->id() == arrow::Type::DATE64) {
    return place_instant<std::int64_t>(instant, 1'000'000, type);
  }
  const auto& timestamp = static_cast<const arrow::TimestampType&>(*type);
  if (zoned && !time->offset_minutes && !is_utc(timestamp.timezone())) {
    return refuse("say in which zone: put Z, or an offset such as +02:00, behind it");
  }
  return place_instant<std::int64_t>(instant, nanoseconds_per(timestamp.unit()), type);
}

}  // namespace

bool has_place(const LiteralValue& literal, const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL:
      return std::holds_alternative<bool>(literal);
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
    case arrow::Type::TIMESTAMP:
      return std::holds_alternative<std::string>(literal);
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256:
      break;
    default:
      if (!arrow::is_integer(type.id())) return false;
  }
  return std::holds_alternative<std::int64_t>(literal) || std::holds_alternative<double>(literal);
}

Result<LiteralPlace> place_literal(const LiteralValue& literal, const Type& type) {
  switch (type->id()) {
    case arrow::Type::BOOL:
      return place_at(Kind::Exact, type, std::get<bool>(literal));
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
      return place_at(Kind::Exact, type, std::get<std::string>(literal));
    case arrow::Type::INT8:
      return place_among_integers<std::int8_t>(literal, type);
    case arrow::Type::INT16:
      return place_among_integers<std::int16_t>(literal, type);
    case arrow::Type::INT32:
      return place_among_integers<std::int32_t>(literal, type);
    case arrow::Type::INT64:
      return place_among_integers<std::int64_t>(literal, type);
    case arrow::Type::UINT8:
      return place_among_integers<std::uint8_t>(literal, type);
    case arrow::Type::UINT16:
      return place_among_integers<std::uint16_t>(literal, type);
    case arrow::Type::UINT32:
      return place_among_integers<std::uint32_t>(literal, type);
    case arrow::Type::UINT64:
      return place_among_integers<std::uint64_t>(literal, type);
    case arrow::Type::FLOAT:
      return place_among_floats<float>(literal, type);
    case arrow::Type::DOUBLE:
      return place_among_floats<double>(literal, type);
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256:
      return place_among_decimals(literal, type);
    default:
      return place_among_times(std::get<std::string>(literal), type);
  }
}

}  // namespace polarway
