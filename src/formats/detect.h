#pragma once

#include <optional>
#include <string_view>

namespace polarway {

/// What detect_format() wants to see, where there is so much.
inline constexpr std::size_t kDetectedBytes = 64;

/// The kind of source that a file is, by its first bytes; nothing where those tell none. CSV is not
/// among them: any text may be one.
std::optional<std::string_view> detect_format(std::string_view first_bytes);

}  // namespace polarway
