#include "transports/byte_order_mark.h"

#include <algorithm>
#include <array>

namespace polarway {
namespace {

using namespace std::string_view_literals;

struct Mark {
  std::string_view charset;
  std::string_view bytes;
};

// That of UTF-32LE begins with that of UTF-16LE.
constexpr std::array kMarks{
    Mark{"utf-32le", "\xFF\xFE\x00\x00"sv}, Mark{"utf-32be", "\x00\x00\xFE\xFF"sv},
    Mark{"utf-16le", "\xFF\xFE"sv},         Mark{"utf-16be", "\xFE\xFF"sv},
    Mark{"utf-8", "\xEF\xBB\xBF"sv},
};

const Mark* find_mark(std::string_view text) {
  const auto found = std::find_if(kMarks.begin(), kMarks.end(),
                                  [&](const Mark& mark) { return text.starts_with(mark.bytes); });
  return found == kMarks.end() ? nullptr : &*found;
}

SourceError mismatch(const Charset& said, std::string_view found) {
  return {.kind = ErrorKind::Parse,
          .message = "the text begins with the byte order mark of " + std::string(found) +
                     ", but encoding is " + said.name,
          .hint = "set encoding=" + std::string(found)};
}

// The first character of a table is ASCII as a rule.
Result<TextStart> by_zeros(std::string_view text, const Charset& said, std::size_t width) {
  if (text.empty()) return TextStart{.from = {said.name + "le"}};
  if (text.size() >= width) {
    const std::string_view rest(text.substr(1, width - 1)), front(text.substr(0, width - 1));
    const auto all_zeros = [](std::string_view bytes) {
      return bytes.find_first_not_of('\0') == std::string_view::npos;
    };
    if (all_zeros(rest) && text[0] != 0) return TextStart{.from = {said.name + "le"}};
    if (all_zeros(front) && text[width - 1] != 0) return TextStart{.from = {said.name + "be"}};
  }
  return fail({.kind = ErrorKind::Parse,
               .message = "the text has no byte order mark, and its first character does not tell "
                          "the byte order",
               .hint = "set encoding=" + said.name + "le or " + said.name + "be"});
}

}  // namespace

Result<TextStart> start_of_text(std::span<const std::uint8_t> start, const Charset& said) {
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  const Mark* mark = find_mark(text);
  const bool is_wide = mark != nullptr && mark->charset != "utf-8";
  if (said.name == "utf-8" || said.name == "utf-8-lossy") {
    // The mark of UTF-8 itself is the decoder's to drop.
    if (!is_wide) return TextStart{.from = said};
    return TextStart{.from = {std::string(mark->charset)}, .byte_order_mark = mark->bytes.size()};
  }
  if (said.name == "utf-16" || said.name == "utf-32") {
    if (mark == nullptr) return by_zeros(text, said, said.name == "utf-16" ? 2 : 4);
    if (!mark->charset.starts_with(said.name)) return fail(mismatch(said, mark->charset));
    return TextStart{.from = {std::string(mark->charset)}, .byte_order_mark = mark->bytes.size()};
  }
  if (mark == nullptr) return TextStart{.from = said};
  if (mark->charset == said.name) {
    return TextStart{.from = said, .byte_order_mark = mark->bytes.size()};
  }
  const bool is_unicode = said.name.starts_with("utf-16") || said.name.starts_with("utf-32");
  // In an encoding of single bytes these are letters: but texts have no zeros.
  const bool may_be_letters = is_wide && text.find('\0') == std::string_view::npos;
  const bool may_be_latin1 = said.name == "latin1" && !is_wide;
  if (!is_unicode && (may_be_letters || may_be_latin1)) return TextStart{.from = said};
  return fail(mismatch(said, mark->charset));
}

}  // namespace polarway
