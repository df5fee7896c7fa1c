#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "polarway/result.h"

namespace polarway::pq {

/// Reads the values of a page that are all of one width, as they are stored.
class RawReader {
 public:
  virtual ~RawReader() = default;
  /// The next `count` values, at most kBatchRows. False where there are fewer.
  [[nodiscard]] virtual bool read(std::uint8_t* out, std::int64_t count) = 0;
};

/// A reader of PLAIN, dictionary, BYTE_STREAM_SPLIT, DELTA_BINARY_PACKED (where `are_integers`) or
/// DELTA_BYTE_ARRAY (where not) values of `width` bytes. `dictionary` has the values that indices
/// mean. Both must stay, with padding behind. UnsupportedOperation for other encodings.
Result<std::unique_ptr<RawReader>> make_raw_reader(std::int64_t encoding, std::int64_t width,
                                                   bool are_integers,
                                                   std::span<const std::uint8_t> bytes,
                                                   std::span<const std::uint8_t> dictionary);

/// The error for an encoding that is not read, or not for such values.
SourceError not_read(std::int64_t encoding);

}  // namespace polarway::pq
