#pragma once

#include <memory>

#include "core/byte_stream.h"
#include "polarway/memory.h"
#include "transports/byte_order_mark.h"

namespace polarway {

/// A text of another encoding as UTF-8. `budget` pays for its buffer, now.
///
/// What is not valid is a Parse error with its byte in `stored`; nothing is ever replaced.
Result<std::unique_ptr<ByteStream>> transcode(std::unique_ptr<ByteStream> stored,
                                              const TextStart& text,
                                              const std::shared_ptr<MemoryBudget>& budget);

}  // namespace polarway
