#include "sinks/json_string.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace polarway {
namespace {

// Whether a byte cannot stand in a JSON string.
constexpr std::array<bool, 256> kEscaped = [] {
  std::array<bool, 256> escaped{};
  for (std::size_t c = 0; c < 0x20; ++c) escaped[c] = true;
  escaped['"'] = escaped['\\'] = true;
  return escaped;
}();

void write_escape(char c, TextBuffer& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kShort = "\b\t\n\f\r\"\\";
  constexpr std::string_view kLetters = "btnfr\"\\";
  const std::size_t place = kShort.find(c);
  out.put('\\');
  if (place != std::string_view::npos) {
    out.put(kLetters[place]);
    return;
  }
  out.put(std::string_view("u00"));
  out.put(kHex[static_cast<unsigned char>(c) >> 4]);
  out.put(kHex[static_cast<unsigned char>(c) & 15]);
}

}  // namespace

void write_json_string(std::string_view text, TextBuffer& out) {
  out.put('"');
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!kEscaped[static_cast<std::uint8_t>(text[i])]) [[likely]]
      continue;
    out.put(text.substr(begin, i - begin));
    write_escape(text[i], out);
    begin = i + 1;
  }
  out.put(text.substr(begin));
  out.put('"');
}

}  // namespace polarway
