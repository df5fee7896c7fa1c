#pragma once

#include <functional>
#include <memory>

#include "core/charset.h"
#include "formats/decoder.h"
#include "polarway/config.h"
#include "polarway/source.h"
#include "transports/byte_options.h"

namespace polarway {

/// A reader of one local file (or standard input) in some format, of bytes as `options` and
/// `charset` have them.
std::unique_ptr<SourceReader> make_file_reader(std::string location, ByteOptions options,
                                               Charset charset, std::unique_ptr<Decoder> decoder);

}  // namespace polarway
