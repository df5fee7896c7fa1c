#pragma once

#include <functional>
#include <memory>

#include "formats/decoder.h"
#include "polarway/config.h"
#include "polarway/source.h"

namespace polarway {

/// A reader of one local file (or standard input) in some format.
std::unique_ptr<SourceReader> make_file_reader(std::string location,
                                               std::unique_ptr<Decoder> decoder);

}  // namespace polarway
