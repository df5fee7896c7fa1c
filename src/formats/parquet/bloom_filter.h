#pragma once

#include <parquet/bloom_filter.h>
#include <parquet/metadata.h>

#include <memory>
#include <optional>
#include <stop_token>

#include "formats/parquet/file_columns.h"
#include "formats/parquet/random_access.h"
#include "frame/expr_node.h"
#include "polarway/memory.h"

namespace polarway::pq {

/// Tells which integers and texts a column has not in a row group.
class BloomFilter {
 public:
  /// Nothing where the file has none, it is damaged, or there is no room for it. `column` outlives
  /// it.
  static std::optional<BloomFilter> read(const FileColumn& column,
                                         const ::parquet::FileMetaData& metadata, int group,
                                         RandomAccess& file, MemoryBudget& budget,
                                         std::stop_token stop);

  /// Whether a row may equal the value; true for what cannot be asked for.
  bool may_have(const LiteralValue& value) const;

 private:
  BloomFilter(MemoryLease lease, ::parquet::BlockSplitBloomFilter filter, const FileColumn& column,
              ::parquet::Type::type stored)
      : lease_(std::move(lease)), filter_(std::move(filter)), column_(&column), stored_(stored) {}

  std::optional<std::uint64_t> hash_of(const LiteralValue& value) const;

  MemoryLease lease_;
  ::parquet::BlockSplitBloomFilter filter_;
  const FileColumn* column_;
  ::parquet::Type::type stored_;
};

}  // namespace polarway::pq
