#include <arrow/array.h>
#include <arrow/memory_pool.h>
#include <arrow/scalar.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "frame/bound_expr.h"
#include "frame/sample_batch.h"

namespace polarway {
namespace {

// 64 bits of mantissa: every int64, uint64 and double exactly.
using Exact = long double;
static_assert(std::numeric_limits<Exact>::digits >= 64);

// The order of Polars and DuckDB: NaN equals NaN and is greater than every number.
int order(Exact a, Exact b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) - std::isnan(b);
  return (a > b) - (a < b);
}

struct Comparison {
  const char* symbol;
  bool (*holds)(int order);
};
constexpr Comparison kComparisons[] = {
    {"=", [](int o) { return o == 0; }}, {"!=", [](int o) { return o != 0; }},
    {"<", [](int o) { return o < 0; }},  {"<=", [](int o) { return o <= 0; }},
    {">", [](int o) { return o > 0; }},  {">=", [](int o) { return o >= 0; }},
};

Expr compared(const Expr& left, const std::string& symbol, const Expr& right) {
  if (symbol == "=") return left == right;
  if (symbol == "!=") return left != right;
  if (symbol == "<") return left < right;
  if (symbol == "<=") return left <= right;
  return symbol == ">" ? left > right : left >= right;
}

template <class Type>
Exact exact(const arrow::Array& values, std::int64_t row) {
  return static_cast<Exact>(
      static_cast<const typename arrow::TypeTraits<Type>::ArrayType&>(values).Value(row));
}

Exact value_at(const arrow::Array& values, std::int64_t row) {
  switch (values.type_id()) {
    case arrow::Type::INT8:
      return exact<arrow::Int8Type>(values, row);
    case arrow::Type::INT32:
      return exact<arrow::Int32Type>(values, row);
    case arrow::Type::INT64:
      return exact<arrow::Int64Type>(values, row);
    case arrow::Type::UINT16:
      return exact<arrow::UInt16Type>(values, row);
    case arrow::Type::UINT64:
      return exact<arrow::UInt64Type>(values, row);
    case arrow::Type::FLOAT:
      return exact<arrow::FloatType>(values, row);
    default:
      return exact<arrow::DoubleType>(values, row);
  }
}

std::vector<SampleColumn> edges() {
  return {{"i8", arrow::int8(), "[-128, -1, 0, 1, 2, 127, 3, 5, null]"},
          {"i32", arrow::int32(), "[-2147483648, -1, 0, 1, 2, 2147483647, 3, 16777217, null]"},
          {"i64", arrow::int64(),
           "[-9223372036854775808, -1, 0, 1, 9223372036854775807, 9007199254740993, "
           "9007199254740992, 3, null]"},
          {"u16", arrow::uint16(), "[0, 1, 2, 3, 65535, 255, 7, 9, null]"},
          {"u64", arrow::uint64(),
           "[0, 1, 2, 18446744073709551615, 9223372036854775808, 9223372036854775807, "
           "9007199254740993, 3, null]"},
          {"f32", arrow::float32(), "[-Inf, -1.5, 0, 1, 2.5, Inf, NaN, 16777216, null]"},
          {"f64", arrow::float64(),
           "[-Inf, -1.5, -0.0, 1, 9007199254740992, 9.2233720368547758e18, NaN, 1e300, null]"}};
}

std::vector<Expr> literals() {
  std::vector<Expr> all;
  for (const std::int64_t value :
       {INT64_MIN, INT64_MIN + 1, std::int64_t{-129}, std::int64_t{-128}, std::int64_t{-1},
        std::int64_t{0}, std::int64_t{1}, std::int64_t{127}, std::int64_t{128}, std::int64_t{65535},
        std::int64_t{65536}, std::int64_t{16777217}, std::int64_t{9007199254740992},
        std::int64_t{9007199254740993}, INT64_MAX - 1, INT64_MAX}) {
    all.push_back(lit(value));
  }
  constexpr double kInf = std::numeric_limits<double>::infinity();
  for (const double value :
       {-kInf, -1e300, -0x1p63, -1.5, -0.5, -0.0, 0.0, 0.5, 1.0, 2.5, 127.5, 65535.5,
        9007199254740992.0, 0x1p63, 0x1p64, 1e300, kInf, std::nan("")}) {
    all.push_back(lit(value));
  }
  return all;
}

Exact value_of(const Expr& literal, const arrow::DataType& column) {
  const std::string text = literal.to_string();
  if (text.find_first_of(".nife") == std::string::npos) return std::stoll(text);
  const double value = std::stod(text);
  const auto narrow = static_cast<float>(value);
  // A float32 column takes literals as float32s, except for those beyond its range.
  const bool rounds =
      column.id() == arrow::Type::FLOAT && (std::isfinite(narrow) || !std::isfinite(value));
  return rounds ? static_cast<Exact>(narrow) : static_cast<Exact>(value);
}

std::shared_ptr<arrow::BooleanArray> evaluated(const Expr& expr, const arrow::RecordBatch& batch) {
  const Result<BoundExpr> bound = bind_predicate(expr, *batch.schema());
  EXPECT_TRUE(bound) << expr.to_string();
  return std::static_pointer_cast<arrow::BooleanArray>(
      *bound->evaluate(batch, arrow::default_memory_pool()));
}

TEST(Comparison, EveryNumberComparesWithEveryLiteralExactly) {
  for (const SampleColumn& column : edges()) {
    const auto batch = sample_batch({column});
    const arrow::Array& values = *batch->column(0);
    for (const Expr& literal : literals()) {
      const Exact right = value_of(literal, *column.type);
      for (const auto& [symbol, holds] : kComparisons) {
        const auto forward = evaluated(compared(col(column.name), symbol, literal), *batch);
        const auto backward = evaluated(compared(literal, symbol, col(column.name)), *batch);
        for (std::int64_t row = 0; row < values.length(); ++row) {
          ASSERT_EQ(forward->IsNull(row), values.IsNull(row));
          ASSERT_EQ(backward->IsNull(row), values.IsNull(row));
          if (values.IsNull(row)) continue;
          const Exact left = value_at(values, row);
          ASSERT_EQ(forward->Value(row), holds(order(left, right)))
              << column.name << " row " << row << " " << symbol << " " << literal.to_string();
          ASSERT_EQ(backward->Value(row), holds(order(right, left)))
              << literal.to_string() << " " << symbol << " " << column.name << " row " << row;
        }
      }
      const auto found = evaluated(col(column.name).is_in({lit(std::int64_t{5}), literal}), *batch);
      for (std::int64_t row = 0; row < values.length(); ++row) {
        ASSERT_EQ(found->IsNull(row), values.IsNull(row));
        if (values.IsNull(row)) continue;
        const Exact left = value_at(values, row);
        ASSERT_EQ(found->Value(row), left == 5 || order(left, right) == 0)
            << column.name << " row " << row << " in (5, " << literal.to_string() << ")";
      }
    }
  }
}

TEST(Comparison, EveryColumnComparesWithEveryOther) {
  const auto batch = sample_batch(edges());
  for (int a = 0; a < batch->num_columns(); ++a) {
    for (int b = 0; b < batch->num_columns(); ++b) {
      const arrow::Array& left = *batch->column(a);
      const arrow::Array& right = *batch->column(b);
      const auto is_float = [](const arrow::Array& values) {
        return arrow::is_floating(values.type_id());
      };
      // An integer next to a float is compared as float64; all others exactly.
      const auto compared_value = [&](const arrow::Array& values, std::int64_t row) {
        const Exact value = value_at(values, row);
        return is_float(left) || is_float(right) ? static_cast<Exact>(static_cast<double>(value))
                                                 : value;
      };
      for (const auto& [symbol, holds] : kComparisons) {
        const Expr expr = compared(col(batch->schema()->field(a)->name()), symbol,
                                   col(batch->schema()->field(b)->name()));
        const auto got = evaluated(expr, *batch);
        for (std::int64_t row = 0; row < batch->num_rows(); ++row) {
          const bool null = left.IsNull(row) || right.IsNull(row);
          ASSERT_EQ(got->IsNull(row), null) << expr.to_string();
          if (null) continue;
          ASSERT_EQ(got->Value(row),
                    holds(order(compared_value(left, row), compared_value(right, row))))
              << expr.to_string() << " row " << row;
        }
      }
    }
  }
}

}  // namespace
}  // namespace polarway
