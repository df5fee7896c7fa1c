#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "frame/bound_expr.h"
#include "polarway/result.h"

namespace polarway {

/// The rows of a batch that a filter keeps.
struct KeptRows {
  std::shared_ptr<arrow::BooleanArray> mask;  // true for those; without nulls
  std::int64_t count = 0;                     // how many
};

/// Where the predicate is true: neither where it is false nor where it is null. Takes at most
/// kept_rows_bytes() from the pool at the same time.
Result<KeptRows> kept_rows(const arrow::RecordBatch& batch, const BoundExpr& predicate,
                           arrow::MemoryPool* pool);
std::int64_t kept_rows_bytes(const arrow::RecordBatch& batch, const BoundExpr& predicate);

/// Those rows. The same batch when they are all of them; otherwise every column is new, and exactly
/// as large as its rows. Takes at most keep_bytes() from the pool at the same time.
///
/// Column by column: Arrow's filter of a whole batch looks up each row by its number, and is
/// several times slower (26.0).
Result<std::shared_ptr<arrow::RecordBatch>> keep(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                 const KeptRows& rows, arrow::MemoryPool* pool);
std::int64_t keep_bytes(const arrow::RecordBatch& batch, const KeptRows& rows);

/// The rows for which the predicate is true. What it takes from the pool at the same time is
/// bounded by kept_rows_bytes(), and then by the mask and keep_bytes().
Result<std::shared_ptr<arrow::RecordBatch>> filter_batch(
    const std::shared_ptr<arrow::RecordBatch>& batch, const BoundExpr& predicate,
    arrow::MemoryPool* pool);

/// A batch of these columns under these names: plain columns are shared, the others computed.
/// Takes at most select_bytes() from the pool at the same time.
Result<std::shared_ptr<arrow::RecordBatch>> select_batch(
    const std::shared_ptr<arrow::RecordBatch>& batch, std::span<const BoundExpr> columns,
    std::span<const std::string> names, arrow::MemoryPool* pool);
std::int64_t select_bytes(const arrow::RecordBatch& batch, std::span<const BoundExpr> columns);

}  // namespace polarway
