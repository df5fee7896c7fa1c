#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/byte_stream.h"
#include "polarway/memory.h"
#include "transports/compression.h"

namespace polarway {

/// What `stored`, which has `format`, decompresses to: all its members, checked. Zeros behind them
/// are padding.
///
/// Parse errors: cut off, damaged, followed by something else (each with the byte of `stored`), or
/// when more than `max_expansion` bytes come out for each that is stored. `budget` pays for the
/// input's buffer now, and for what a member takes when it begins.
Result<std::unique_ptr<ByteStream>> decompress(std::unique_ptr<ByteStream> stored,
                                               const CompressedFormat& format,
                                               std::optional<std::int64_t> max_expansion,
                                               const std::shared_ptr<MemoryBudget>& budget);

/// What decompress() takes at once.
std::int64_t decompression_buffer_bytes();

}  // namespace polarway
