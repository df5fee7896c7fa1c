#pragma once

#include <memory>

#include "formats/decoder.h"
#include "formats/json/json_options.h"

namespace polarway::json {

inline constexpr std::int64_t kBlockBytes = 256 << 10;

/// Decodes JSON: records one a line, one behind the other, or in one array of any size. Nothing
/// larger than a record is held. A RecordScanner cuts them out of blocks, simdjson takes each
/// apart, and its values go straight into Arrow buffers (RecordTable).
///
/// Records that are no objects make a table of one column, `value`. Columns that are not wanted are
/// passed over, and what is wrong with their values is not found; where none is wanted, records are
/// counted and not looked into.
///
/// `block_bytes` is a parameter for tests only, since no row depends on it.
std::unique_ptr<Decoder> make_json_decoder(JsonOptions options,
                                           std::int64_t block_bytes = kBlockBytes);

}  // namespace polarway::json
