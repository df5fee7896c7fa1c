#include "digest.h"

#define XXH_INLINE_ALL
#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <xxhash.h>

#include <cmath>
#include <limits>
#include <string_view>
#include <type_traits>

#include "quantities.h"

namespace polarway::cli {

namespace {

constexpr std::uint64_t kNullHash = 0x9e3779b97f4a7c15;

enum class SumKind { Integer, Float, None };

SumKind sum_kind(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
      return SumKind::Float;
    case arrow::Type::BOOL:
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16:
    case arrow::Type::UINT32:
    case arrow::Type::UINT64:
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
    case arrow::Type::TIMESTAMP:
    case arrow::Type::DURATION:
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return SumKind::Integer;
    default:
      return SumKind::None;
  }
}

template <class T>
std::uint64_t hash_of_bytes(const T& value) {
  return XXH3_64bits(&value, sizeof value);
}

void add_value(ColumnDigest& digest, std::string_view text) {
  digest.hash += XXH3_64bits(text.data(), text.size());
  digest.int_sum += static_cast<std::int64_t>(text.size());
}

template <std::floating_point T>
void add_value(ColumnDigest& digest, T value) {
  // NaNs have many bit patterns and one meaning. -0.0 stays apart from 0.0: its text differs.
  const double canonical =
      std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(value);
  digest.hash += hash_of_bytes(canonical);
  digest.float_sum.add(canonical);
}

template <std::integral T>
void add_value(ColumnDigest& digest, T value) {
  if constexpr (std::is_signed_v<T>) {
    digest.hash += hash_of_bytes(std::int64_t{value});
  } else {
    digest.hash += hash_of_bytes(std::uint64_t{value});
  }
  digest.int_sum += value;
}

// Calls add(row) for each row that is not null.
template <class Add>
void for_each_value(const arrow::Array& array, ColumnDigest& digest, const Add& add) {
  const std::int64_t nulls = array.null_count();
  digest.nulls += nulls;
  digest.hash += kNullHash * static_cast<std::uint64_t>(nulls);
  for (std::int64_t row = 0; row < array.length(); ++row) {
    if (nulls == 0 || array.IsValid(row)) add(row);
  }
}

template <class ArrayType>
void add_array(const arrow::Array& array, ColumnDigest& digest) {
  const auto& typed = static_cast<const ArrayType&>(array);
  for_each_value(array, digest, [&](std::int64_t row) {
    if constexpr (requires { typed.GetView(row); }) {
      add_value(digest, typed.GetView(row));
    } else {
      add_value(digest, typed.Value(row));
    }
  });
}

// Types that are rare: slow, by their text.
void add_as_text(const arrow::Array& array, ColumnDigest& digest) {
  for_each_value(array, digest, [&](std::int64_t row) {
    const auto scalar = array.GetScalar(row);
    add_value(digest, std::string_view(scalar.ok() ? (*scalar)->ToString() : std::string()));
  });
}

void add_column(const arrow::Array& array, ColumnDigest& digest) {
  switch (array.type_id()) {
    case arrow::Type::BOOL:
      return add_array<arrow::BooleanArray>(array, digest);
    case arrow::Type::INT8:
      return add_array<arrow::Int8Array>(array, digest);
    case arrow::Type::INT16:
      return add_array<arrow::Int16Array>(array, digest);
    case arrow::Type::INT32:
      return add_array<arrow::Int32Array>(array, digest);
    case arrow::Type::INT64:
      return add_array<arrow::Int64Array>(array, digest);
    case arrow::Type::UINT8:
      return add_array<arrow::UInt8Array>(array, digest);
    case arrow::Type::UINT16:
      return add_array<arrow::UInt16Array>(array, digest);
    case arrow::Type::UINT32:
      return add_array<arrow::UInt32Array>(array, digest);
    case arrow::Type::UINT64:
      return add_array<arrow::UInt64Array>(array, digest);
    case arrow::Type::FLOAT:
      return add_array<arrow::FloatArray>(array, digest);
    case arrow::Type::DOUBLE:
      return add_array<arrow::DoubleArray>(array, digest);
    case arrow::Type::DATE32:
      return add_array<arrow::Date32Array>(array, digest);
    case arrow::Type::DATE64:
      return add_array<arrow::Date64Array>(array, digest);
    case arrow::Type::TIME32:
      return add_array<arrow::Time32Array>(array, digest);
    case arrow::Type::TIME64:
      return add_array<arrow::Time64Array>(array, digest);
    case arrow::Type::TIMESTAMP:
      return add_array<arrow::TimestampArray>(array, digest);
    case arrow::Type::DURATION:
      return add_array<arrow::DurationArray>(array, digest);
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return add_array<arrow::BinaryArray>(array, digest);
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return add_array<arrow::LargeBinaryArray>(array, digest);
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return add_array<arrow::BinaryViewArray>(array, digest);
    default:
      return add_as_text(array, digest);
  }
}

std::string sum_json(const ColumnDigest& digest, const arrow::DataType& type) {
  switch (sum_kind(type)) {
    case SumKind::Integer:
      return fmt::format("{}", digest.int_sum);
    case SumKind::Float: {
      const double sum = digest.float_sum.value();
      return std::isfinite(sum) ? fmt::format("{}", sum) : fmt::format("\"{}\"", sum);
    }
    case SumKind::None:
      break;
  }
  return "null";
}

}  // namespace

std::int64_t Digest::bytes_for(const Schema& schema) {
  // Growing, the text is there twice.
  constexpr std::int64_t kTextBytes = 2 * 160;
  return schema.num_fields() * (static_cast<std::int64_t>(sizeof(ColumnDigest)) + kTextBytes);
}

Digest::Digest(const Schema& schema)
    : schema_(schema), columns_(static_cast<std::size_t>(schema.num_fields())) {}

void Digest::add(const DataFrame& frame) {
  rows_ += frame.height();
  for (int i = 0; i < frame.width(); ++i) {
    add_column(*frame.arrow()->column(i), columns_[static_cast<std::size_t>(i)]);
  }
}

std::string Digest::to_json() const {
  std::string json = fmt::format("{{\"rows\":{},\"columns\":[", rows_);
  for (int i = 0; i < schema_.num_fields(); ++i) {
    const Field field = schema_.field(i);
    const ColumnDigest& digest = columns_[static_cast<std::size_t>(i)];
    json +=
        fmt::format("{}{{\"name\":{},\"type\":{},\"digest\":\"{:016x}\",\"nulls\":{},\"sum\":{}}}",
                    i == 0 ? "" : ",", json_text(field.name), json_text(field.type.to_string()),
                    digest.hash, digest.nulls, sum_json(digest, *field.type.arrow()));
  }
  return json + "]}\n";
}

}  // namespace polarway::cli
