#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace polarway {

// For short text: names and messages. Data goes through simdjson's validator.

// The length of the UTF-8 character (RFC 3629) that `text`, which must not be empty, begins with,
// and its code point; 0 if it begins with none.
std::size_t utf8_length(std::string_view text, std::uint32_t& code_point);

// Whether all of it is UTF-8.
bool is_utf8(std::string_view text);

}  // namespace polarway
