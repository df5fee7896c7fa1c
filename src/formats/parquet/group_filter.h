#pragma once

#include <arrow/type_fwd.h>

#include <optional>
#include <vector>

#include "formats/parquet/file_columns.h"
#include "frame/expr_node.h"
#include "polarway/expr.h"

namespace polarway::pq {

/// Tells of which row groups a filter leaves nothing, by the least and the largest value that the
/// footer has of each column. Where it cannot tell, a row group is read. Floats are passed over
/// only where the filter asks for small ones: a NaN, which is larger than all, is in no statistics.
class GroupFilter {
 public:
  /// All arguments outlive it.
  GroupFilter(const Expr& filter, const std::vector<FileColumn>& columns,
              const ::parquet::FileMetaData& metadata, arrow::MemoryPool* pool)
      : filter_(filter), columns_(columns), metadata_(metadata), pool_(pool) {}

  /// Whether the filter may be true for a row of the group of that number.
  bool may_pass(int group) const;

 private:
  // What is known of a column in a row group.
  struct Known {
    bool has_null = true;
    bool has_value = true;
    std::shared_ptr<arrow::RecordBatch> bounds;  // of two rows, or null
  };

  bool may_be_true(const ExprNode& node, int group) const;
  bool may_compare(const ExprNode& left, ExprOp op, const ExprNode& right, int group) const;
  Known known_of(const std::string& column, int group) const;

  Expr filter_;
  const std::vector<FileColumn>& columns_;
  const ::parquet::FileMetaData& metadata_;
  arrow::MemoryPool* pool_;
};

}  // namespace polarway::pq
