#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace polarway {

/// How many of a file's first bytes tell its kind, if any do.
inline constexpr std::size_t kDetectedBytes = 64;

/// The kind of source whose files begin with a mark of their own, as this one does: "ipc",
/// "parquet". Nothing where there is no such mark.
std::optional<std::string_view> kind_of_mark(std::string_view first_bytes);

/// The kind of source that a text is by its first bytes: "json". Nothing where those tell none, as
/// any text may be a CSV.
std::optional<std::string_view> kind_of_text(std::string_view first_bytes);

}  // namespace polarway
