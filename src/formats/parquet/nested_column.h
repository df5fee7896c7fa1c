#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <stop_token>

#include "formats/parquet/column.h"
#include "formats/parquet/file_columns.h"

namespace polarway::pq {

/// A column with structure, or of a type that nothing else here makes: libparquet decodes it, in
/// batches as small as its rows are large, out of pages that are ours.
std::unique_ptr<Column> make_nested_column(const FileColumn& column, const RowGroups& groups,
                                           RandomAccess& file,
                                           const std::shared_ptr<MemoryBudget>& budget,
                                           std::stop_token stop);

}  // namespace polarway::pq
