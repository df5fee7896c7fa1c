#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/file_map.h"
#include "polarway/result.h"

namespace polarway {

/// Maps `size_bytes` (> 0) of a regular file, to be read in place. `unchanged` says whether the
/// file is what it was: check() asks it, so that nobody may after what it looks at is gone.
///
/// Io with `location` when it cannot be mapped, or when too many files are.
Result<std::shared_ptr<FileMap>> map_file(int fd, std::int64_t size_bytes,
                                          const std::string& location,
                                          std::function<Result<void>()> unchanged);

}  // namespace polarway
