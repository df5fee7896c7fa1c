#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "polarway/result.h"

namespace polarway {

/// A position in files that are read one after the other, or a piece of them: what such a reader
/// writes into checkpoints and splits.
struct FilePlace {
  std::uint64_t fingerprint = 0;  ///< FileList's.
  std::int64_t file = 0;          ///< The file to go on with.
  std::int64_t end_file = 0;      ///< The first that is not part of it.
  std::int64_t rows_before = 0;   ///< Rows of the files before; 0 where nobody counts them.
  std::string within = {};        ///< The decoder's words for the place in the file; may be empty.

  std::string to_text() const;
  /// Config error for other text; Changed when it is not of these files. `location` is for errors.
  static Result<FilePlace> parse(std::string_view text, std::uint64_t fingerprint,
                                 std::int64_t num_files, const std::string& location);
};

}  // namespace polarway
