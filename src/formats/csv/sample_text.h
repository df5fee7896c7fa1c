#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace polarway::csv {

/// The start of a file as UTF-8, and what its bytes seem to be.
struct SampleText {
  std::string encoding;  ///< As the option `encoding` spells it.
  double confidence = 0;
  std::string reason;
  std::string utf8;  ///< Without byte order mark; up to three times as long as the bytes.
};

/// Guesses the encoding of a file's first bytes: by a byte order mark, by where zero bytes are, by
/// whether all is valid UTF-8; else it is some encoding of one byte a character, and the guess is
/// that of Western Europe. `is_whole` says that the file ends there: else the last character may be
/// cut.
SampleText read_sample(std::span<const std::uint8_t> bytes, bool is_whole);

}  // namespace polarway::csv
