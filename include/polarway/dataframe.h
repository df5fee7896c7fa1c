#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "polarway/export.h"
#include "polarway/expr.h"
#include "polarway/memory.h"
#include "polarway/schema.h"

struct ArrowArray;
struct ArrowSchema;

namespace polarway {

class LazyFrame;

/// One chunk of rows: an Arrow record batch whose buffers hold the lease that pays for them.
///
/// An immutable value, cheap to copy; copies, slices and exports share the buffers. The bytes
/// count against the stream's budget until the last reference to a buffer is gone, wherever it
/// went. Safe to read from several threads.
class POLARWAY_EXPORT DataFrame {
 public:
  /// No rows and no columns.
  DataFrame();
  /// Shares an Arrow batch, which must not be null. What is computed from the frame is paid from
  /// `budget`; null means that nobody counts.
  explicit DataFrame(std::shared_ptr<arrow::RecordBatch> batch,
                     std::shared_ptr<MemoryBudget> budget = nullptr);

  /// Number of rows.
  std::int64_t height() const;
  /// Number of columns.
  int width() const;
  /// Names and types of the columns.
  Schema schema() const;
  /// The column of that name; Config error, with the nearest names, when there is none.
  Result<std::shared_ptr<arrow::Array>> column(std::string_view name) const;
  /// Bytes of the buffers the frame references.
  std::int64_t num_bytes() const;

  /// Rows [offset, offset + length), cut to what exists. Shares the buffers, except that a slice
  /// which would pin more than twice what it shows is copied, if the budget allows.
  DataFrame slice(std::int64_t offset, std::int64_t length) const;
  /// The first `n` rows, like slice(0, n).
  DataFrame head(std::int64_t n = 5) const;
  /// Starts a query over this chunk; nothing is computed before collect().
  LazyFrame lazy() const;

  /// A table for people: shape, names, types, and up to `max_rows` rows, first and last.
  std::string to_string(std::int64_t max_rows = 10) const;

  /// The Arrow batch; never null.
  const std::shared_ptr<arrow::RecordBatch>& arrow() const { return batch_; }
  /// Who pays for what is computed from this frame; may be null.
  const std::shared_ptr<MemoryBudget>& budget() const { return budget_; }

  /// Hands the frame out over the Arrow C data interface without copying. The consumer must call
  /// both structs' release callbacks; the buffers, and their lease, live until then.
  Result<void> export_to(::ArrowArray* array, ::ArrowSchema* schema) const;
  /// Takes a struct array in over the Arrow C data interface without copying; both structs are
  /// consumed.
  static Result<DataFrame> import_from(::ArrowArray* array, ::ArrowSchema* schema);

 private:
  std::shared_ptr<arrow::RecordBatch> batch_;
  std::shared_ptr<MemoryBudget> budget_;
};

/// A query over one chunk: `chunk.lazy().filter(col("age") > 30).select({col("name")}).collect()`.
///
/// Steps apply in the order written. An immutable value: each step returns a new query.
class POLARWAY_EXPORT LazyFrame {
 public:
  /// A query that returns `frame` as it is.
  explicit LazyFrame(DataFrame frame);

  /// Keeps the rows where `predicate` is true.
  LazyFrame filter(Expr predicate) const;
  /// Computes these columns, in this order.
  LazyFrame select(std::vector<Expr> columns) const;
  /// Keeps the first `n` rows.
  LazyFrame limit(std::int64_t n) const;

  /// Runs the query. Config for unknown columns and types that do not fit, MemoryLimit when the
  /// result does not fit the frame's budget, Schema for a value that cannot be computed (overflow).
  Result<DataFrame> collect() const;

 private:
  struct Step {
    std::optional<Expr> filter;
    std::vector<Expr> select;
    std::int64_t limit = -1;
  };
  LazyFrame with(Step step) const;

  DataFrame frame_;
  std::vector<Step> steps_;
};

}  // namespace polarway
