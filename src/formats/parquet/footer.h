#pragma once

#include <parquet/metadata.h>

#include <cstdint>
#include <memory>
#include <stop_token>

#include "formats/parquet/random_access.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::pq {

/// What a file says of itself at its end.
struct Footer {
  std::shared_ptr<::parquet::FileMetaData> metadata;
  std::int64_t begin = 0;  ///< In the file: no page goes on from here.
  MemoryLease lease;       ///< Of what the metadata take.
};

/// Reads it. Its size is checked and paid for before it is believed. Parse error for what is not
/// Parquet, UnsupportedOperation for what is encrypted.
Result<Footer> read_footer(RandomAccess& file, const std::shared_ptr<MemoryBudget>& budget,
                           std::stop_token stop);

}  // namespace polarway::pq
