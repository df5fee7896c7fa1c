#include "sinks/csv_text.h"

#include <cstdint>
#include <cstring>

namespace polarway {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;

// Not 0 where a byte of `eight` is 0.
constexpr std::uint64_t zero_bytes(std::uint64_t eight) {
  return (eight - kOnes) & ~eight & kHighs;
}

bool must_be_quoted(std::string_view text, char delimiter) {
  const auto marks = [&](char c) { return c == delimiter || c == '"' || c == '\n' || c == '\r'; };
  const std::uint64_t delimiters = kOnes * static_cast<std::uint8_t>(delimiter);
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, text.data() + i, 8);
    if ((zero_bytes(eight ^ delimiters) | zero_bytes(eight ^ (kOnes * '"')) |
         zero_bytes(eight ^ (kOnes * '\n')) | zero_bytes(eight ^ (kOnes * '\r'))) != 0) {
      return true;
    }
  }
  for (; i < text.size(); ++i) {
    if (marks(text[i])) return true;
  }
  return false;
}

// `before` needs no quotes.
void write_field(std::string_view before, std::string_view text, char delimiter, TextBuffer& out) {
  if (!text.empty() && !must_be_quoted(text, delimiter)) {
    out.put(before);
    return out.put(text);
  }
  out.put('"');
  out.put(before);
  for (;;) {
    const std::size_t quote = text.find('"');
    if (quote == std::string_view::npos) break;
    out.put(text.substr(0, quote + 1));
    out.put('"');
    text.remove_prefix(quote + 1);
  }
  out.put(text);
  out.put('"');
}

}  // namespace

void write_csv_text(std::string_view text, char delimiter, TextBuffer& out) {
  write_field("", text, delimiter, out);
}

void write_inert_csv_text(std::string_view text, char delimiter, TextBuffer& out) {
  const bool is_formula = text.find_first_of("=+-@\t\r") == 0;
  write_field(is_formula ? "'" : "", text, delimiter, out);
}

}  // namespace polarway
