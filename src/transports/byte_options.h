#pragma once

#include <cstdint>
#include <optional>

#include "core/option_table.h"
#include "transports/compression.h"

namespace polarway {

/// Whether a local file is mapped into memory.
enum class UseMmap : std::uint8_t {
  Auto,   ///< Where that is faster and chunks still own their bytes: nowhere, so far.
  True,   ///< Yes; formats that can show chunks the file's own bytes.
  False,  ///< No.
};

/// What users may say about a file's bytes, whatever its format.
struct ByteOptions {
  Compression compression = Compression::Auto;
  std::optional<std::int64_t> max_expansion = 1000;  // deflate's most is 1032
  UseMmap use_mmap = UseMmap::Auto;
};

/// Names, aliases, meanings; reads and documents the struct.
const OptionTable<ByteOptions>& byte_option_table();

/// Reads the options and refuses what makes no sense.
Result<ByteOptions> parse_byte_options(const std::map<std::string, std::string>& given);

}  // namespace polarway
