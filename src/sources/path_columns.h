#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "polarway/expr.h"
#include "polarway/result.h"
#include "sources/added_columns.h"
#include "sources/file_list.h"
#include "sources/file_options.h"

namespace polarway {

/// The columns that all rows of a file have from the file's path: its partitions, then the path
/// itself.
class PathColumns {
 public:
  /// None.
  PathColumns() = default;
  /// Those of the files, as the options have it; looks at each path. Config error when
  /// hive_partitioning is asked for and files have different keys.
  static Result<PathColumns> find(const FileList& files, const FileOptions& options);

  const arrow::FieldVector& fields() const { return fields_; }
  /// For one of the files, in the order of fields(). Schema error for what is no UTF-8.
  Result<std::vector<FileValue>> values_of(const std::string& path) const;

 private:
  std::vector<std::string> keys_;
  bool has_path_ = false;
  arrow::FieldVector fields_;
};

/// The parts of a filter that can be told from a file's path alone: a file for which one of them is
/// not true has no row that is wanted.
class PathFilter {
 public:
  PathFilter(const std::optional<Expr>& filter, const arrow::FieldVector& fields);

  /// False when no row of a file with these values passes. What cannot be computed says nothing.
  bool may_pass(const std::vector<FileValue>& values, arrow::MemoryPool* pool) const;

 private:
  arrow::FieldVector fields_;
  std::vector<Expr> parts_;
};

}  // namespace polarway
