#pragma once

#include <string_view>

namespace polarway::json {

/// Appends the text between the quotes of a JSON string at `out`, which must have room for as many
/// bytes, its escapes replaced by what they mean. Returns one past the last byte; null for an
/// escape that is none and half of a surrogate
/// pair. Control characters and UTF-8 are for others to check.
char* unescape(std::string_view text, char* out);

}  // namespace polarway::json
