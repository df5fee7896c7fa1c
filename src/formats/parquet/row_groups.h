#pragma once

#include <parquet/metadata.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "formats/parquet/page_index.h"
#include "formats/parquet/page_reader.h"
#include "polarway/result.h"

namespace polarway::pq {

/// The row groups of a file that are read, as one sequence of rows.
///
/// Immutable once it is made; any thread.
class RowGroups {
 public:
  struct Group {
    int number = 0;              ///< In the file.
    std::int64_t file_row = 0;   ///< Of its first row, in the file,
    std::int64_t first_row = 0;  ///< and among those that are read.
    std::int64_t num_rows = 0;
  };

  RowGroups() = default;
  /// All that have rows. Pages end at `data_end`, where the footer begins. Parse error for numbers
  /// that cannot be.
  static Result<RowGroups> make(std::shared_ptr<::parquet::FileMetaData> metadata,
                                std::int64_t data_end, const std::string& location);

  /// Leaves only those with numbers of [begin, end) that `keep` says.
  template <class Keep>
  void select(int begin, int end, Keep keep) {
    std::vector<Group> kept;
    std::int64_t row = 0;
    for (Group& group : groups_) {
      if (group.number < begin || group.number >= end || !keep(group.number)) continue;
      group.first_row = row;
      row += group.num_rows;
      kept.push_back(group);
    }
    groups_ = std::move(kept);
    num_rows_ = row;
  }

  const std::vector<Group>& groups() const { return groups_; }
  std::int64_t num_rows() const { return num_rows_; }
  /// The index of the group that has a row of the sequence, which must be there.
  std::size_t find(std::int64_t row) const;

  const ::parquet::FileMetaData& metadata() const { return *metadata_; }
  const std::shared_ptr<::parquet::FileMetaData>& shared_metadata() const { return metadata_; }
  /// Where the pages of a column are in a group, which is at `chunk`.
  PagePlaces page_places(std::size_t group, int column, const ColumnChunk& chunk,
                         RandomAccess& file, MemoryBudget& budget, std::stop_token stop) const;
  /// Where a column is in a group. Parse error where it cannot be there, or has another number of
  /// values than the group has rows, unless it is `nested`.
  Result<ColumnChunk> chunk(std::size_t group, int column, bool nested) const;

 private:
  std::shared_ptr<::parquet::FileMetaData> metadata_;
  std::int64_t data_end_ = 0;
  std::string location_;
  std::vector<Group> groups_;
  std::int64_t num_rows_ = 0;
};

}  // namespace polarway::pq
