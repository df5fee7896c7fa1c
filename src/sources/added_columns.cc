#include "sources/added_columns.h"

#include <arrow/array/array_primitive.h>
#include <arrow/array/util.h>
#include <arrow/buffer.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "core/arrow_status.h"

namespace polarway {
namespace {

template <class T>
Result<std::shared_ptr<arrow::Buffer>> buffer_of(std::int64_t count, arrow::MemoryPool* pool,
                                                 T** values) {
  POLARWAY_TRY(
      std::shared_ptr<arrow::Buffer> buffer,
      from_arrow(arrow::AllocateBuffer(count * static_cast<std::int64_t>(sizeof(T)), pool)));
  *values = reinterpret_cast<T*>(buffer->mutable_data());
  return buffer;
}

template <class T>
Result<std::shared_ptr<arrow::Array>> repeated_number(std::int64_t value,
                                                      const std::shared_ptr<arrow::DataType>& type,
                                                      std::int64_t num_rows,
                                                      arrow::MemoryPool* pool) {
  T* values = nullptr;
  POLARWAY_TRY(auto buffer, buffer_of(num_rows, pool, &values));
  std::fill_n(values, num_rows, static_cast<T>(value));
  return arrow::MakeArray(arrow::ArrayData::Make(type, num_rows, {nullptr, std::move(buffer)}, 0));
}

// Copies what is there behind itself, twice as much each time.
void fill_with(const std::string& text, std::uint8_t* to, std::int64_t num_bytes) {
  if (num_bytes == 0) return;
  auto filled = static_cast<std::int64_t>(text.size());
  std::memcpy(to, text.data(), text.size());
  while (filled < num_bytes) {
    const std::int64_t more = std::min(filled, num_bytes - filled);
    std::memcpy(to + filled, to, static_cast<std::size_t>(more));
    filled += more;
  }
}

Result<std::shared_ptr<arrow::Array>> repeated_text(const std::string& text, std::int64_t num_rows,
                                                    arrow::MemoryPool* pool) {
  const auto length = static_cast<std::int64_t>(text.size());
  if (length * num_rows > INT32_MAX) {
    return fail({.kind = ErrorKind::MemoryLimit,
                 .message = "the text of a chunk's rows is more than 2 GiB",
                 .hint = "lower max_chunk_size"});
  }
  std::int32_t* offsets = nullptr;
  std::uint8_t* bytes = nullptr;
  POLARWAY_TRY(auto offset_buffer, buffer_of(num_rows + 1, pool, &offsets));
  POLARWAY_TRY(auto byte_buffer, buffer_of(length * num_rows, pool, &bytes));
  for (std::int64_t row = 0; row <= num_rows; ++row) {
    offsets[row] = static_cast<std::int32_t>(row * length);
  }
  fill_with(text, bytes, length * num_rows);
  return arrow::MakeArray(arrow::ArrayData::Make(
      arrow::utf8(), num_rows, {nullptr, std::move(offset_buffer), std::move(byte_buffer)}, 0));
}

}  // namespace

Result<std::shared_ptr<arrow::Array>> repeated(const FileValue& value,
                                               const std::shared_ptr<arrow::DataType>& type,
                                               std::int64_t num_rows, arrow::MemoryPool* pool) {
  if (!value) return from_arrow(arrow::MakeArrayOfNull(type, num_rows, pool));
  if (const auto* text = std::get_if<std::string>(&*value)) {
    return repeated_text(*text, num_rows, pool);
  }
  const std::int64_t number = std::get<std::int64_t>(*value);
  return type->id() == arrow::Type::DATE32
             ? repeated_number<std::int32_t>(number, type, num_rows, pool)
             : repeated_number<std::int64_t>(number, type, num_rows, pool);
}

std::int64_t repeated_row_bytes(const FileValue& value, const arrow::DataType& type) {
  constexpr std::int64_t kOffset = 4;
  if (value && std::holds_alternative<std::string>(*value)) {
    return kOffset + static_cast<std::int64_t>(std::get<std::string>(*value).size());
  }
  // A type that is not of fixed width has offsets, of at most 8 bytes.
  const std::int64_t width = arrow::is_fixed_width(type.id()) ? type.bit_width() / 8 : 2 * kOffset;
  return width + 1;
}

Result<std::shared_ptr<arrow::Array>> numbered(std::int64_t first, std::int64_t num_rows,
                                               arrow::MemoryPool* pool) {
  std::int64_t* values = nullptr;
  POLARWAY_TRY(auto buffer, buffer_of(num_rows, pool, &values));
  std::iota(values, values + num_rows, first);
  return arrow::MakeArray(
      arrow::ArrayData::Make(arrow::int64(), num_rows, {nullptr, std::move(buffer)}, 0));
}

}  // namespace polarway
