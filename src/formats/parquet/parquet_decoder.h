#pragma once

#include <memory>

#include "formats/decoder.h"

namespace polarway::pq {

/// Decodes Parquet. libparquet reads the footer; the pages of columns without structure are read,
/// checked, decompressed and decoded here, one for each column at a time, into Arrow's buffers.
/// Row groups bound nothing: a chunk has any number of rows.
std::unique_ptr<Decoder> make_parquet_decoder();

}  // namespace polarway::pq
