#pragma once

#include <arrow/type_fwd.h>
#include <parquet/metadata.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "formats/parquet/random_access.h"
#include "polarway/memory.h"

namespace parquet {
class OffsetIndex;
}

namespace polarway::pq {

/// An index of a file, as it is stored, and what pays for it and for what is made of it.
struct IndexBytes {
  MemoryLease lease;
  std::shared_ptr<arrow::Buffer> bytes;
};

/// Nothing where there is none at that place, it is too large to be worth it, or has no room.
std::optional<IndexBytes> read_index(const std::optional<::parquet::IndexLocation>& place,
                                     RandomAccess& file, MemoryBudget& budget,
                                     std::stop_token stop);

/// Where pages of a column chunk are, by its offset index: those in between need not be looked at.
class PagePlaces {
 public:
  struct Place {
    std::int64_t offset = 0;  ///< Of the page's header,
    std::int64_t row = 0;     ///< and its first row, counted from the row group's.
  };

  PagePlaces() = default;
  /// None where the file has no such index, or it cannot be right. The chunk's pages lie between
  /// `begin` and `end`.
  static PagePlaces read(const ::parquet::ColumnChunkMetaData& chunk, std::int64_t begin,
                         std::int64_t end, RandomAccess& file, MemoryBudget& budget,
                         std::stop_token stop);

  /// The page that has that row; nothing where it is not known.
  std::optional<Place> find(std::int64_t row) const;

 private:
  MemoryLease lease_;
  std::vector<Place> places_;  // by rows
};

}  // namespace polarway::pq
