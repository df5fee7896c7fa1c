#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway {

/// Rows that belong into the same folder of a hive tree.
struct Partition {
  std::string folder;                        ///< "year=2024/city=Bern", as hive_parts() reads it.
  std::shared_ptr<arrow::RecordBatch> rows;  ///< Without the columns that the folder says.
};

/// Sorts rows into folders by the values of some columns. Values become the text that Arrow casts
/// them to; bytes that are none of a name's are written as `%2F`; null is
/// __HIVE_DEFAULT_PARTITION__.
class RowPartitioner {
 public:
  /// Config error for a column that the schema does not have, that is there twice, or whose type
  /// has no text, and where no other column is left.
  static Result<RowPartitioner> make(std::shared_ptr<arrow::Schema> schema,
                                     const std::vector<std::string>& keys,
                                     std::shared_ptr<MemoryBudget> budget);

  /// The columns of the rows in each folder.
  const std::shared_ptr<arrow::Schema>& file_schema() const { return file_schema_; }

  /// The rows of a batch, in their order within each folder; folders in the order in which they
  /// first come. MemoryLimit when there is no room for a copy of the batch.
  Result<std::vector<Partition>> partition(const arrow::RecordBatch& batch) const;

 private:
  RowPartitioner() = default;
  Result<std::vector<std::string>> folders_of(const arrow::RecordBatch& batch) const;

  std::vector<int> keys_;   // columns of the schema
  std::vector<int> files_;  // the others
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::Schema> file_schema_;
  std::shared_ptr<MemoryBudget> budget_;
};

}  // namespace polarway
