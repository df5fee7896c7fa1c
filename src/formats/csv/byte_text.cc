#include "formats/csv/byte_text.h"

#include <fmt/format.h>

#include <charconv>

#include "core/quoted_text.h"

namespace polarway {

Result<csv::ByteText> OptionValue<csv::ByteText>::parse(std::string_view text) {
  if (text == "tab") return csv::ByteText("\t");
  const auto refuse = [&](std::string hint) {
    return fail({.kind = ErrorKind::Config,
                 .message = shorten(text) + " is not 1 to 15 bytes",
                 .hint = std::move(hint)});
  };
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      bytes += text[i];
      continue;
    }
    switch (text[++i]) {
      case 't':
        bytes += '\t';
        break;
      case 'n':
        bytes += '\n';
        break;
      case 'r':
        bytes += '\r';
        break;
      case '0':
        bytes += '\0';
        break;
      case '\\':
        bytes += '\\';
        break;
      case 'x': {
        unsigned byte = 0;
        const std::string_view digits = text.substr(i + 1, 2);
        const char* end = digits.data() + digits.size();
        if (digits.size() != 2 || std::from_chars(digits.data(), end, byte, 16).ptr != end) {
          return refuse("write two hexadecimal digits behind \\x");
        }
        bytes += static_cast<char>(byte);
        i += 2;
        break;
      }
      default:  // no spelling of ours: the bytes are meant
        bytes += '\\';
        bytes += text[i];
    }
  }
  if (bytes.empty() || bytes.size() > csv::ByteText::kMaxSize) {
    return refuse("give 1 to 15 bytes; \\t, \\n, \\r, \\0, \\\\ and \\x1f spell special ones");
  }
  return csv::ByteText(bytes);
}

std::string OptionValue<csv::ByteText>::print(const csv::ByteText& value) {
  std::string text;
  for (const char c : value.view()) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\t') {
      text += "\\t";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '\r') {
      text += "\\r";
    } else if (c == '\\') {
      text += "\\\\";
    } else if (byte < 0x20 || byte == 0x7F) {
      text += fmt::format("\\x{:02x}", byte);
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace polarway
