#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "polarway/error.h"

namespace polarway {

/// The error of a system call on the way out: "out.csv, byte 1048576: writing 262144 bytes: No
/// space left on device (make room on that file system, or write elsewhere)". `doing` is what was
/// tried. Missing folders are NotFound, all else is Io.
SourceError write_error(int system_error, const std::string& location, const std::string& doing,
                        std::optional<std::int64_t> byte_offset = {});

}  // namespace polarway
