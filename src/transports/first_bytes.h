#pragma once

#include <cstddef>
#include <string>

namespace polarway {

/// The first `count` bytes of a local regular file, decompressed, or as many as it has. Nothing of
/// what is no such file, or cannot be opened: whoever reads it says why.
std::string first_bytes_of(const std::string& location, std::size_t count);

}  // namespace polarway
