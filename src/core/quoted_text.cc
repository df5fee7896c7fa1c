#include "core/quoted_text.h"

#include <fmt/format.h>

#include <cstdint>

#include "core/utf8.h"

namespace polarway {

namespace {

constexpr std::string_view kEllipsis = "…";

// Characters that move a cursor, end a line or turn the text around.
bool upsets_a_terminal(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F) ||
         (code_point >= 0x200E && code_point <= 0x200F) ||
         (code_point >= 0x2028 && code_point <= 0x202E) ||
         (code_point >= 0x2066 && code_point <= 0x2069);
}

std::string escaped(std::string_view bytes) {
  if (bytes == "\n") return "\\n";
  if (bytes == "\t") return "\\t";
  if (bytes == "\r") return "\\r";
  if (bytes == std::string_view("\0", 1)) return "\\0";
  std::string out;
  for (const char c : bytes) out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
  return out;
}

}  // namespace

std::string shorten(std::string_view text, std::size_t max_bytes) {
  std::string out = "\"";
  while (!text.empty()) {
    std::uint32_t code_point = 0;
    std::size_t length = utf8_length(text, code_point);
    std::string piece;
    if (length == 0) {
      length = 1;
      piece = escaped(text.substr(0, 1));
    } else if (upsets_a_terminal(code_point)) {
      piece = escaped(text.substr(0, length));
    } else if (code_point == '"' || code_point == '\\') {
      piece = {'\\', static_cast<char>(code_point)};
    } else {
      piece = text.substr(0, length);
    }
    if (out.size() - 1 + piece.size() > max_bytes) {
      out += kEllipsis;
      break;
    }
    out += piece;
    text.remove_prefix(length);
  }
  out += '"';
  return out;
}

std::string shorten_name(std::string_view name, std::size_t max_bytes) {
  std::string quoted = shorten(name, max_bytes);
  const bool as_it_is =
      !name.empty() && std::string_view(quoted).substr(1, quoted.size() - 2) == name;
  return as_it_is ? std::string(name) : quoted;
}

}  // namespace polarway
