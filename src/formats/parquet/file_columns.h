#pragma once

#include <arrow/type_fwd.h>
#include <parquet/metadata.h>

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "formats/parquet/chunk_maker.h"
#include "formats/parquet/row_groups.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::pq {

/// A column of a file: a leaf of its schema, or several under one root.
struct FileColumn {
  std::string name;
  std::shared_ptr<arrow::DataType> type;       ///< Of its Arrow column.
  std::shared_ptr<arrow::DataType> file_type;  ///< In the file, which may be another.
  std::vector<int> leaves;                     ///< Their numbers, in order.
};

/// The columns of a file, by the Arrow schema that its writer may have left, else by Parquet's own
/// types. Those that are `known` are of that type, whatever they are in the file. Schema error for
/// two of one name.
Result<std::vector<FileColumn>> find_columns(const ::parquet::FileMetaData& metadata,
                                             const arrow::Schema& known);

/// Whether a reader of that column can pick rows: it has no structure.
bool can_pick(const FileColumn& column, const ::parquet::FileMetaData& metadata);

/// A reader of one of them. What it needs outlives it.
Result<ChunkColumn> make_column(const FileColumn& column, const RowGroups& groups,
                                RandomAccess& file, const std::shared_ptr<MemoryBudget>& budget,
                                std::stop_token stop);

}  // namespace polarway::pq
