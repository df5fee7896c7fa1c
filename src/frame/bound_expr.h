#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "polarway/expr.h"
#include "polarway/result.h"

namespace polarway {

/// An expression whose names and types are known to fit a schema, ready to be computed.
///
/// It looks its columns up by name, so that it works on every batch that has them, whatever else
/// is there and in whatever order. An immutable value, cheap to copy; safe to use from several
/// threads.
///
/// Semantics beyond those of Expr: comparisons are null where a side is null; NaN equals NaN and is
/// greater than every number (as in Polars and DuckDB); an integer and a literal are compared
/// exactly, an integer column and a float column as float64; integers compute as int64 (or uint64,
/// when both are) and what overflows is an error; everything with a float in it, and `/`, computes
/// as float64, where x / 0 is inf or NaN. Text in ISO form is a date or a timestamp next to one; in
/// a column with a zone it must name its own, unless the column's is UTC.
class BoundExpr {
 public:
  /// Of the result.
  const std::shared_ptr<arrow::DataType>& type() const;
  /// The field of the result in a schema: a plain column's own, with its metadata, under that name.
  std::shared_ptr<arrow::Field> field(const std::string& name) const;
  /// Whether it is a column as it stands, which evaluate() shares.
  bool is_column() const;
  /// The columns it reads, each once.
  const std::vector<std::string>& columns() const;

  /// An upper bound of what evaluate() takes from its pool at the same time, the result included.
  std::int64_t peak_bytes(const arrow::RecordBatch& batch) const;

  /// The value for each row. Schema for values that cannot be computed (overflow) and for a batch
  /// whose columns are not those of the schema, MemoryLimit when the pool has no memory.
  Result<std::shared_ptr<arrow::Array>> evaluate(const arrow::RecordBatch& batch,
                                                 arrow::MemoryPool* pool) const;

 private:
  struct State;
  friend Result<BoundExpr> bind(const Expr& expr, const arrow::Schema& schema);
  explicit BoundExpr(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

/// Checks an expression against a schema. Config error for unknown columns (with the nearest name),
/// for types that do not fit each other (with both), and for nesting beyond kMaxExprDepth.
Result<BoundExpr> bind(const Expr& expr, const arrow::Schema& schema);

/// The same for a filter, which must be a boolean.
Result<BoundExpr> bind_predicate(const Expr& predicate, const arrow::Schema& schema);

/// The same for a selection. `names` are the names of the result, which must differ.
struct BoundSelection {
  std::vector<BoundExpr> columns;
  std::vector<std::string> names;
};
Result<BoundSelection> bind_selection(std::span<const Expr> exprs, const arrow::Schema& schema);

}  // namespace polarway
