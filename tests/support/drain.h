#pragma once

#include <string>
#include <vector>

#include "core/byte_stream.h"

namespace polarway::testing {

/// What is left of a stream, read `block` bytes at a time, and how that ended.
struct Drained {
  std::string bytes;
  std::optional<SourceError> error;

  std::string message() const { return error ? error->to_string() : "no error"; }
};

inline Drained drain(ByteStream& stream, std::size_t block = 4096) {
  Drained drained;
  std::vector<std::uint8_t> buffer(block);
  for (;;) {
    const Result<std::int64_t> got = stream.read(buffer, {});
    if (!got) drained.error = got.error();
    if (!got || *got == 0) return drained;
    drained.bytes.append(reinterpret_cast<const char*>(buffer.data()),
                         static_cast<std::size_t>(*got));
  }
}

}  // namespace polarway::testing
