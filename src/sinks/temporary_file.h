#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "polarway/result.h"

namespace polarway {

/// An unfinished file, open for writing and locked: `.NAME.polarway-TOKEN` + ending, in the folder
/// of its target. The struct owns nothing; AtomicFile does.
struct TemporaryFile {
  int fd = -1;
  std::string path;
  std::string token;  ///< PID-RANDOM
};

/// The ending of a file that is worth nothing when its process dies,
inline constexpr std::string_view kUnfinished = ".tmp";
/// and of one that a later process may take up.
inline constexpr std::string_view kResumable = ".part";

/// Makes an empty one for `target` (whose symbolic links are followed), with the mode and, as far
/// as we may, the owner of the file that stands there; `location` is for messages. First removes
/// those that dead processes left for the same target; what cannot be removed stays.
Result<TemporaryFile> create_temporary(const std::string& location, const std::string& target);

/// Opens a resumable one again, cut to its first `bytes`. Changed when it is gone or shorter, Io
/// when another process has it. It stays as it is when this fails.
Result<TemporaryFile> reopen_temporary(const std::string& location, const std::string& target,
                                       std::string_view token, std::int64_t bytes);

/// Removes those that dead processes left for `target` to be taken up again.
void remove_resumable(const std::string& target);

/// Its path with another ending. Long names are cut to what file systems allow.
std::string temporary_path(const std::string& target, std::string_view token,
                           std::string_view ending);

/// The folder of a path: "." for a bare name.
std::string folder_of(const std::string& path);

}  // namespace polarway
