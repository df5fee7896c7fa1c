#pragma once

#include <optional>
#include <string>

namespace polarway {

/// The kind of source that a file's first bytes tell: "ipc", "parquet". Nothing where they tell
/// none, as those of text do not, and for what is no regular file, which is not touched.
std::optional<std::string> kind_of_first_bytes(const std::string& location);

}  // namespace polarway
