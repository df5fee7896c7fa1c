#pragma once

#include <parquet/file_reader.h>

#include <memory>
#include <optional>
#include <stop_token>

#include "formats/parquet/random_access.h"
#include "formats/parquet/row_groups.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::pq {

/// What libparquet's decoders need of a file, with our pages in it: theirs are not paid for before
/// they are made, and nobody looks at their checksums.
///
/// libparquet gets exceptions; why is in `*error` then. All arguments outlive it.
std::unique_ptr<::parquet::ParquetFileReader> open_with_our_pages(
    const RowGroups& groups, RandomAccess& file, const std::shared_ptr<MemoryBudget>& budget,
    std::stop_token stop, std::optional<SourceError>* error);

}  // namespace polarway::pq
