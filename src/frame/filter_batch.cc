#include "frame/filter_batch.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/bitmap_ops.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "core/arrow_status.h"
#include "frame/evaluation_bytes.h"
#include "frame/filter_column.h"

namespace polarway {

using Batch = std::shared_ptr<arrow::RecordBatch>;

Result<KeptRows> kept_rows(const arrow::RecordBatch& batch, const BoundExpr& predicate,
                           arrow::MemoryPool* pool) {
  POLARWAY_TRY(const std::shared_ptr<arrow::Array> truth, predicate.evaluate(batch, pool));
  auto mask = std::static_pointer_cast<arrow::BooleanArray>(truth);
  if (mask->null_count() > 0) {
    POLARWAY_TRY(auto bits, from_arrow(arrow::internal::BitmapAnd(
                                pool, mask->null_bitmap_data(), mask->offset(),
                                mask->values()->data(), mask->offset(), mask->length(), 0)));
    mask = std::make_shared<arrow::BooleanArray>(mask->length(), std::move(bits));
  }
  const std::int64_t count = mask->true_count();
  return KeptRows{.mask = std::move(mask), .count = count};
}

std::int64_t kept_rows_bytes(const arrow::RecordBatch& batch, const BoundExpr& predicate) {
  return predicate.peak_bytes(batch) + fixed_width_bytes(batch.num_rows(), 1);
}

Result<Batch> keep(const Batch& batch, const KeptRows& rows, arrow::MemoryPool* pool) {
  if (rows.count == batch->num_rows()) return batch;
  arrow::ArrayVector columns;
  for (const auto& column : batch->columns()) {
    if (rows.count > 0) {
      POLARWAY_TRY(columns.emplace_back(), filter_column(*column, *rows.mask, rows.count, pool));
    } else {
      POLARWAY_TRY(columns.emplace_back(), from_arrow(arrow::MakeEmptyArray(column->type())));
    }
  }
  return arrow::RecordBatch::Make(batch->schema(), rows.count, std::move(columns));
}

std::int64_t keep_bytes(const arrow::RecordBatch& batch, const KeptRows& rows) {
  if (rows.count == batch.num_rows()) return 0;
  std::int64_t result = 0;
  std::int64_t scratch = 0;
  for (const auto& column : batch.columns()) {
    const FilteredBytes bytes = filtered_bytes(*column, *rows.mask, rows.count);
    result += bytes.result;
    scratch = std::max(scratch, bytes.scratch);
  }
  return result + scratch;
}

Result<Batch> filter_batch(const Batch& batch, const BoundExpr& predicate,
                           arrow::MemoryPool* pool) {
  POLARWAY_TRY(const KeptRows rows, kept_rows(*batch, predicate, pool));
  return keep(batch, rows, pool);
}

Result<Batch> select_batch(const Batch& batch, std::span<const BoundExpr> columns,
                           std::span<const std::string> names, arrow::MemoryPool* pool) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    fields.push_back(columns[i].field(names[i]));
    POLARWAY_TRY(arrays.emplace_back(), columns[i].evaluate(*batch, pool));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), batch->num_rows(),
                                  std::move(arrays));
}

std::int64_t select_bytes(const arrow::RecordBatch& batch, std::span<const BoundExpr> columns) {
  // The results stay, so that their sum and the largest peak are enough; a peak includes its
  // result.
  std::int64_t bytes = 0;
  for (const BoundExpr& column : columns) bytes += column.peak_bytes(batch);
  return bytes;
}

}  // namespace polarway
