#pragma once

#include <arrow/type_fwd.h>
#include <parquet/metadata.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "formats/parquet/file_columns.h"
#include "formats/parquet/random_access.h"
#include "polarway/memory.h"

namespace polarway::pq {

/// What a file says of a column's values, zone by zone: a zone is some rows of a row group, one
/// after the other, and zones together are all of its rows.
struct ColumnZones {
  /// Of the rows of each, in the row group; behind them the number of its rows.
  std::vector<std::int64_t> begins;
  std::vector<bool> has_null;   ///< Whether there may be one.
  std::vector<bool> has_value;  ///< The same.
  /// Whether a zone's bounds can be relied on.
  std::vector<bool> has_bounds;
  /// A row for each zone, whose only column has the name of this one: no value is less, or larger.
  /// NaN, which is larger than all others, is in no bounds. Null where no zone has any.
  std::shared_ptr<arrow::RecordBatch> least;
  std::shared_ptr<arrow::RecordBatch> largest;
  MemoryLease lease;  ///< Pays for them.

  std::size_t size() const { return has_null.size(); }
};

/// By the footer: the row group is one zone. Nothing where it says nothing that can be relied on.
std::optional<ColumnZones> zones_of_group(const FileColumn& column,
                                          const ::parquet::FileMetaData& metadata, int group,
                                          arrow::MemoryPool* pool);

/// By the page index: pages are the zones. Nothing where there is none, it is damaged, or there is
/// no room for it.
std::optional<ColumnZones> zones_of_pages(const FileColumn& column,
                                          const ::parquet::FileMetaData& metadata, int group,
                                          RandomAccess& file,
                                          const std::shared_ptr<MemoryBudget>& budget,
                                          std::stop_token stop);

}  // namespace polarway::pq
