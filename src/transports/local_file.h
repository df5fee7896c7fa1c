#pragma once

#include <memory>
#include <string>

#include "core/byte_stream.h"

namespace polarway {

/// The path that a location is: "file://" is no part of it.
inline std::string path_of(const std::string& location) {
  return location.starts_with("file://") ? location.substr(7) : location;
}

/// Opens a local file by path ("file://" allowed), or standard input for "-".
///
/// Regular files are read with pread, up to the size they had when opened: rows appended later are
/// not seen, and a file that shrank or was rewritten in place is Changed. Pipes and devices are
/// read as they come. NotFound, Io (no permission, a directory) with the path and the way out.
///
/// With `use_mmap`, regular files are copied out of a MappedWindow instead, which promises the
/// same, and ByteStream::map() gives them in place.
Result<std::unique_ptr<ByteStream>> open_local_file(const std::string& location,
                                                    bool use_mmap = false);

}  // namespace polarway
