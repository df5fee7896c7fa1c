#pragma once

#include <memory>
#include <optional>

#include "core/byte_stream.h"
#include "polarway/memory.h"
#include "transports/http_client.h"

namespace polarway {

/// What a server may compress a body with: for Accept-Encoding.
inline constexpr const char* kContentEncodings = "gzip, zstd, br";

/// The body of an answer, in order, its Content-Encoding undone. `transfer` must outlive it.
/// Parse error for an encoding that is not read. `budget` pays for what undoing takes.
Result<std::unique_ptr<ByteStream>> open_body(HttpTransfer& transfer,
                                              std::optional<std::int64_t> max_expansion,
                                              const std::shared_ptr<MemoryBudget>& budget);

}  // namespace polarway
