#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "formats/parquet/chunk_maker.h"
#include "formats/parquet/row_groups.h"
#include "formats/parquet/row_ranges.h"
#include "frame/bound_expr.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::pq {

/// Finds the rows for which a predicate is true, by the columns that it reads: those are made of
/// many rows, and the others of what is left.
///
/// Threads: one at a time.
class RowSieve {
 public:
  /// What it makes columns of at a time, at most, unless a single row is larger.
  static constexpr std::int64_t kRunBytes = 256 << 10;

  /// Of a row group, by its index: the rows for which the predicate may be true, counted from the
  /// group's first.
  using Candidates = std::function<RowRanges(std::size_t group)>;

  /// Rows are counted as in Column, and begin with `row`. `columns` are the predicate's, in the
  /// order of `schema`. MemoryLimit where there is no room for them. `groups` outlive it.
  static Result<std::unique_ptr<RowSieve>> make(BoundExpr predicate,
                                                std::shared_ptr<arrow::Schema> schema,
                                                std::unique_ptr<ChunkMaker> columns,
                                                const RowGroups& groups, Candidates candidates,
                                                std::int64_t row,
                                                std::shared_ptr<MemoryBudget> budget);

  /// Looks at rows until there are `most` picks or many rows have been looked at, but for one pick
  /// at least, unless there is none left. What was picked before an error is good.
  Result<void> pick(std::int64_t most, const std::stop_token& stop);
  /// The rows picked: they ascend, and stay until the next pick().
  std::span<const std::int64_t> picks() const;
  /// The first ones are done with.
  void drop(std::int64_t count) { dropped_ += static_cast<std::size_t>(count); }
  /// The first pick, or else the row that is looked at next.
  std::int64_t row() const { return picks().empty() ? row_ : picks().front(); }

 private:
  RowSieve(BoundExpr predicate, std::shared_ptr<arrow::Schema> schema,
           std::unique_ptr<ChunkMaker> columns, const RowGroups& groups, Candidates candidates,
           std::int64_t row, std::shared_ptr<MemoryBudget> budget);

  bool find_range();
  Result<void> make_room();
  Result<void> look(const std::stop_token& stop);
  Result<arrow::ArrayVector> make_columns(const std::stop_token& stop);
  Result<void> pay_for(std::int64_t bytes);

  BoundExpr predicate_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<ChunkMaker> columns_;
  const RowGroups& groups_;
  Candidates candidates_;
  std::shared_ptr<MemoryBudget> budget_;

  std::int64_t row_;            // looked at next
  std::size_t next_group_ = 0;  // whose candidates are not known yet
  RowRanges ranges_;            // of the group before
  std::size_t next_range_ = 0;  // of those
  std::int64_t range_end_ = 0;  // of the range that has row_
  std::vector<std::int64_t> picks_;
  std::size_t dropped_ = 0;  // of those
  MemoryLease run_lease_;
  MemoryLease picks_lease_;
};

}  // namespace polarway::pq
