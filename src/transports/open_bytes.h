#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "core/byte_stream.h"
#include "core/charset.h"
#include "polarway/memory.h"
#include "transports/byte_options.h"

namespace polarway {

/// The bytes of a local file ("-": of standard input), mapped or not, decompressed.
///
/// `budget` pays for buffers and windows. Errors as open_local_file() has them, and Parse when what
/// the options or the name say of the bytes is not so.
Result<std::unique_ptr<ByteStream>> open_binary(const std::string& location,
                                                const ByteOptions& options,
                                                const std::shared_ptr<MemoryBudget>& budget,
                                                const std::stop_token& stop);

/// The text of a local file ("-": of standard input), from the disk to what decoders read: mapped
/// or not, decompressed, as UTF-8 (or latin1, which decoders know).
///
/// Budget and errors as for open_binary().
Result<std::unique_ptr<ByteStream>> open_bytes(const std::string& location,
                                               const ByteOptions& options, const Charset& charset,
                                               const std::shared_ptr<MemoryBudget>& budget,
                                               const std::stop_token& stop);

/// The same for bytes that somebody has opened.
/// @{
Result<std::unique_ptr<ByteStream>> open_binary(std::unique_ptr<ByteStream> stored,
                                                const ByteOptions& options,
                                                const std::shared_ptr<MemoryBudget>& budget,
                                                const std::stop_token& stop);
Result<std::unique_ptr<ByteStream>> open_bytes(std::unique_ptr<ByteStream> stored,
                                               const ByteOptions& options, const Charset& charset,
                                               const std::shared_ptr<MemoryBudget>& budget,
                                               const std::stop_token& stop);
/// @}

}  // namespace polarway
