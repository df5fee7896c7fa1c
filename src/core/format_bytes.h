#pragma once

#include <cstdint>
#include <string>

namespace polarway {

// A size for people, in powers of 1000, as sizes are written to us: "63.0 MB", "999 B", "-1.5 KB".
std::string format_bytes(std::int64_t bytes);

}  // namespace polarway
