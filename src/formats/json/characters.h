#pragma once

#include <cstdint>
#include <string_view>

namespace polarway::json {

/// What characters outside of strings mean (RFC 8259), to scanners that see one byte at a time.
/// @{
inline bool is_blank(std::uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
inline bool is_container(std::uint8_t c) { return c == '{' || c == '['; }
inline bool ends_scalar(std::uint8_t c) { return is_blank(c) || c == ',' || c == ']' || c == '}'; }
inline bool cannot_begin_value(std::uint8_t c) {
  return c == ',' || c == ':' || c == ']' || c == '}';
}
/// @}

/// What a value is, in an error's words, by its first character.
inline std::string_view kind_of(std::uint8_t first) {
  switch (first) {
    case '{':
      return "object";
    case '[':
      return "array";
    case '"':
      return "text";
    case 't':
    case 'f':
      return "bool";
    case 'n':
      return "null";
    default:
      return "number";
  }
}

}  // namespace polarway::json
