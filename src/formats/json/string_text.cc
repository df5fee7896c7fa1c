#include "formats/json/string_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace polarway::json {
namespace {

// Four hexadecimal digits; false if they are none.
bool take_hex(std::string_view text, std::size_t at, std::uint32_t& unit) {
  if (text.size() < at + 4) return false;
  unit = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char c = text[i];
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A') + 10;
    } else {
      return false;
    }
    unit = unit * 16 + digit;
  }
  return true;
}

char* put_utf8(std::uint32_t point, char* out) {
  const auto put = [&](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  }
  return out;
}

// The character that \u at text[at - 2] means, and moves behind it; false when it is half a pair.
bool take_code_point(std::string_view text, std::size_t& at, std::uint32_t& point) {
  if (!take_hex(text, at, point)) return false;
  at += 4;
  if (point < 0xD800 || point > 0xDFFF) return true;
  std::uint32_t low = 0;
  const bool is_pair = point < 0xDC00 && text.substr(at, 2) == "\\u" &&
                       take_hex(text, at + 2, low) && low >= 0xDC00 && low <= 0xDFFF;
  if (!is_pair) return false;
  at += 6;
  point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
  return true;
}

char simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

char* unescape(std::string_view text, char* out) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t backslash = std::min(text.find('\\', at), text.size());
    std::memcpy(out, text.data() + at, backslash - at);
    out += backslash - at;
    at = backslash;
    if (at == text.size()) break;
    if (at + 1 == text.size()) return nullptr;
    const char c = text[at + 1];
    at += 2;
    if (c == 'u') {
      std::uint32_t point = 0;
      if (!take_code_point(text, at, point)) return nullptr;
      out = put_utf8(point, out);
    } else {
      const char plain = simple_escape(c);
      if (plain == 0) return nullptr;
      *out++ = plain;
    }
  }
  return out;
}

}  // namespace polarway::json
