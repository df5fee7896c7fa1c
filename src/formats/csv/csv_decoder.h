#pragma once

#include <memory>

#include "formats/csv/csv_options.h"
#include "formats/decoder.h"

namespace polarway::csv {

inline constexpr std::int64_t kBlockBytes = 256 << 10;

/// Decodes CSV (RFC 4180, and what real files do beyond it) in two passes over blocks that stay in
/// cache: where the fields are (RowScanner), then what they are, a column at a time
/// (ColumnBuilder). See docs/ARCHITECTURE.md.
///
/// Blocks stay in the second-level cache together with what is made of them; `block_bytes` is a
/// parameter for tests only, since no row depends on it.
std::unique_ptr<Decoder> make_csv_decoder(CsvOptions options,
                                          std::int64_t block_bytes = kBlockBytes);

}  // namespace polarway::csv
