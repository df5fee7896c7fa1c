#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "formats/parquet/column_zones.h"
#include "formats/parquet/file_columns.h"
#include "formats/parquet/row_ranges.h"
#include "frame/expr_node.h"
#include "polarway/expr.h"

namespace polarway::pq {

/// Tells which rows a filter cannot be true for, by what the file says of its columns: the least
/// and the largest value in the footer and, for pages, in the page index; bloom filters. Where it
/// cannot tell, rows are read. Floats are passed over only where the filter asks for small ones: a
/// NaN, which is larger than all, is in no statistics.
class GroupFilter {
 public:
  /// `columns` and `metadata` outlive it.
  GroupFilter(Expr filter, const std::vector<FileColumn>& columns,
              const ::parquet::FileMetaData& metadata, std::shared_ptr<MemoryBudget> budget)
      : filter_(std::move(filter)),
        columns_(columns),
        metadata_(metadata),
        budget_(std::move(budget)) {}

  /// Whether the filter may be true for a row of the group of that number. By the footer alone.
  bool may_pass(int group) const;

  /// The rows of the group, counted from its first, for which the filter may be true.
  RowRanges rows(int group, RandomAccess& file, std::stop_token stop) const;

 private:
  // What is known of the columns of a row group, as far as it is asked for.
  class Known;

  RowRanges passing(const ExprNode& node, Known& known) const;
  RowRanges comparing(const ExprNode& left, ExprOp op, const ExprNode& right, Known& known) const;

  Expr filter_;
  const std::vector<FileColumn>& columns_;
  const ::parquet::FileMetaData& metadata_;
  std::shared_ptr<MemoryBudget> budget_;
};

}  // namespace polarway::pq
