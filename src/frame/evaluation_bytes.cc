#include "frame/evaluation_bytes.h"

#include <arrow/array.h>
#include <arrow/array/array_dict.h>
#include <arrow/datum.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/byte_size.h>

#include <algorithm>

#include "core/counting_pool.h"

namespace polarway {
namespace {

namespace cp = arrow::compute;

template <class ArrayType>
std::int64_t text_bytes(const arrow::Array& values) {
  const auto& texts = static_cast<const ArrayType&>(values);
  std::int64_t bytes = 0;
  for (std::int64_t i = 0; i < texts.length(); ++i) {
    if (texts.IsValid(i)) bytes += static_cast<std::int64_t>(texts.GetView(i).size());
  }
  return bytes;
}

template <class ArrayType>
std::int64_t decoded_bytes(const arrow::DictionaryArray& codes) {
  const auto& words = static_cast<const ArrayType&>(*codes.dictionary());
  std::int64_t bytes = 0;
  for (std::int64_t i = 0; i < codes.length(); ++i) {
    if (!codes.IsValid(i)) continue;
    const std::int64_t word = codes.GetValueIndex(i);
    if (word >= 0 && word < words.length()) bytes += words.value_length(word);
  }
  return bytes;
}

// What the texts come to when a column is cast to text or to bytes.
std::int64_t text_bytes_of(const arrow::Array& column) {
  switch (column.type_id()) {
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return text_bytes<arrow::BinaryViewArray>(column);
    case arrow::Type::DICTIONARY: {
      const auto& codes = static_cast<const arrow::DictionaryArray&>(column);
      switch (codes.dictionary()->type_id()) {
        case arrow::Type::STRING:
        case arrow::Type::BINARY:
          return decoded_bytes<arrow::BinaryArray>(codes);
        case arrow::Type::LARGE_STRING:
        case arrow::Type::LARGE_BINARY:
          return decoded_bytes<arrow::LargeBinaryArray>(codes);
        default:
          break;
      }
      [[fallthrough]];
    }
    default:
      return arrow::util::TotalBufferSize(column);
  }
}

std::int64_t cast_text_bytes(const cp::Expression::Call& cast, const cp::ExecBatch& input) {
  const cp::Expression& source = cast.arguments.front();
  if (source.parameter() == nullptr) return 0;  // already text: only its offsets change
  const arrow::Datum& column = input[source.parameter()->indices[0]];
  // A builder doubles its buffer, and holds the old one while it copies.
  return column.is_array() ? buffer_bytes(3 * text_bytes_of(*column.make_array())) : 0;
}

std::int64_t result_bytes(const cp::Expression& expression, const cp::ExecBatch& input) {
  const cp::Expression::Call* call = expression.call();
  if (call == nullptr) return 0;
  const arrow::DataType& type = *expression.type();
  if (arrow::is_fixed_width(type.id())) return fixed_width_bytes(input.length, type.bit_width());
  std::int64_t bytes = fixed_width_bytes(input.length + 1, 64);  // offsets
  if (call->function_name == "cast") bytes += cast_text_bytes(*call, input);
  return bytes;
}

}  // namespace

std::int64_t buffer_bytes(std::int64_t bytes) {
  return CountingPool::block_size((bytes / 64 + 2) * 64);  // Arrow pads to 64 bytes
}

std::int64_t fixed_width_bytes(std::int64_t rows, int bits) {
  return buffer_bytes(rows * bits / 8) + buffer_bytes(rows / 8);
}

std::int64_t evaluation_bytes(const cp::Expression& expression, const cp::ExecBatch& input) {
  const cp::Expression::Call* call = expression.call();
  if (call == nullptr) return 0;
  std::int64_t held = 0;
  std::int64_t peak = 0;
  for (const cp::Expression& argument : call->arguments) {
    peak = std::max(peak, held + evaluation_bytes(argument, input));
    held += result_bytes(argument, input);
  }
  return std::max(peak, held + result_bytes(expression, input));
}

}  // namespace polarway
