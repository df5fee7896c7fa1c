#include "frame/filter_column.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/buffer.h>
#include <arrow/compute/api_vector.h>
#include <arrow/compute/exec.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/bit_run_reader.h>
#include <arrow/util/bitmap_ops.h>
#include <arrow/util/byte_size.h>

#include <cstring>
#include <utility>
#include <vector>

#include "core/arrow_status.h"
#include "core/copy_array_data.h"
#include "frame/evaluation_bytes.h"

namespace polarway {
namespace {

using Array = std::shared_ptr<arrow::Array>;

// Calls visit(position, length) for each run of true.
template <class Visit>
void visit_runs(const arrow::BooleanArray& mask, Visit visit) {
  arrow::internal::VisitSetBitRunsVoid(mask.values(), mask.offset(), mask.length(),
                                       std::forward<Visit>(visit));
}

template <class Offset>
std::int64_t kept_text_bytes(const arrow::ArrayData& text, const arrow::BooleanArray& mask) {
  const Offset* offsets = text.GetValues<Offset>(1);
  std::int64_t bytes = 0;
  visit_runs(mask, [&](std::int64_t at, std::int64_t length) {
    bytes += offsets[at + length] - offsets[at];
  });
  return bytes;
}

// Null for a column without nulls.
Result<std::shared_ptr<arrow::Buffer>> filter_validity(const arrow::ArrayData& column,
                                                       const arrow::BooleanArray& mask,
                                                       std::int64_t count,
                                                       arrow::MemoryPool* pool) {
  if (column.GetNullCount() == 0) return nullptr;
  POLARWAY_TRY(std::shared_ptr<arrow::Buffer> bits,
               from_arrow(arrow::AllocateEmptyBitmap(count, pool)));
  std::int64_t to = 0;
  visit_runs(mask, [&](std::int64_t at, std::int64_t length) {
    arrow::internal::CopyBitmap(column.buffers[0]->data(), column.offset + at, length,
                                bits->mutable_data(), to);
    to += length;
  });
  return bits;
}

// Arrow's own filter grows its buffer by doubling; this one knows the size beforehand.
template <class Offset>
Result<Array> filter_text(const arrow::ArrayData& column, const arrow::BooleanArray& mask,
                          std::int64_t count, arrow::MemoryPool* pool) {
  POLARWAY_TRY(auto validity, filter_validity(column, mask, count, pool));
  const std::int64_t num_bytes = kept_text_bytes<Offset>(column, mask);
  const auto offsets_bytes = static_cast<std::int64_t>(sizeof(Offset)) * (count + 1);
  POLARWAY_TRY(std::shared_ptr<arrow::Buffer> offsets,
               from_arrow(arrow::AllocateBuffer(offsets_bytes, pool)));
  POLARWAY_TRY(std::shared_ptr<arrow::Buffer> bytes,
               from_arrow(arrow::AllocateBuffer(num_bytes, pool)));
  const Offset* from = column.GetValues<Offset>(1);
  const std::uint8_t* text = column.buffers[2] ? column.buffers[2]->data() : nullptr;
  Offset* next = offsets->mutable_data_as<Offset>();
  std::uint8_t* out = bytes->mutable_data();
  Offset end = 0;
  *next++ = 0;
  visit_runs(mask, [&](std::int64_t at, std::int64_t length) {
    const Offset begin = from[at];
    const Offset size = from[at + length] - begin;
    if (size > 0) std::memcpy(out + end, text + begin, static_cast<std::size_t>(size));
    const Offset shift = end - begin;
    for (std::int64_t i = 1; i <= length; ++i) *next++ = from[at + i] + shift;
    end += size;
  });
  return arrow::MakeArray(
      arrow::ArrayData::Make(column.type, count, {std::move(validity), offsets, bytes}));
}

Result<Array> filter_by_arrow(const Array& column, const arrow::BooleanArray& mask,
                              arrow::MemoryPool* pool) {
  arrow::compute::ExecContext context(pool);
  context.set_use_threads(false);
  POLARWAY_TRY(const arrow::Datum kept,
               from_arrow(arrow::compute::Filter(
                   column, mask.data(), arrow::compute::FilterOptions::Defaults(), &context)));
  return kept.make_array();
}

// Arrow has no filter for views; they are values of 16 bytes that point into shared text.
Result<Array> filter_views(const arrow::ArrayData& column, const arrow::BooleanArray& mask,
                           arrow::MemoryPool* pool) {
  std::shared_ptr<arrow::ArrayData> views = copy_array_data(column);
  views->type = arrow::fixed_size_binary(16);
  views->buffers.resize(2);
  POLARWAY_TRY(const Array kept, filter_by_arrow(arrow::MakeArray(views), mask, pool));
  std::shared_ptr<arrow::ArrayData> result = copy_array_data(*kept->data());
  result->type = column.type;
  result->buffers.insert(result->buffers.end(), column.buffers.begin() + 2, column.buffers.end());
  return arrow::MakeArray(result);
}

}  // namespace

Result<Array> filter_column(const arrow::Array& column, const arrow::BooleanArray& mask,
                            std::int64_t count, arrow::MemoryPool* pool) {
  const arrow::ArrayData& data = *column.data();
  switch (column.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return filter_text<std::int32_t>(data, mask, count, pool);
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return filter_text<std::int64_t>(data, mask, count, pool);
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return filter_views(data, mask, pool);
    default:
      return filter_by_arrow(arrow::MakeArray(column.data()), mask, pool);
  }
}

FilteredBytes filtered_bytes(const arrow::Array& column, const arrow::BooleanArray& mask,
                             std::int64_t count) {
  const arrow::ArrayData& data = *column.data();
  switch (column.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return {fixed_width_bytes(count + 1, 32) +
                  buffer_bytes(kept_text_bytes<std::int32_t>(data, mask)),
              0};
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return {fixed_width_bytes(count + 1, 64) +
                  buffer_bytes(kept_text_bytes<std::int64_t>(data, mask)),
              0};
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return {fixed_width_bytes(count, 128), 0};
    default:
      break;
  }
  if (arrow::is_fixed_width(column.type_id())) {  // dictionaries, too: their codes
    return {fixed_width_bytes(count, column.type()->bit_width()), 0};
  }
  // Nested values: how many children stay is known only afterwards. Their numbers, of 8 bytes each
  // at most, come on top, and builders that double.
  const arrow::Result<std::int64_t> referenced = arrow::util::ReferencedBufferSize(column);
  const std::int64_t all = referenced.ok() ? *referenced : arrow::util::TotalBufferSize(column);
  return {buffer_bytes(all) + 1024, buffer_bytes(2 * all + 8 * column.length()) + 1024};
}

}  // namespace polarway
