#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/csv/csv_options.h"

namespace polarway::csv {

/// A field's text inside its quotes, if it has any.
struct Unquoted {
  std::string_view text;
  bool quoted = false;
  bool escaped = false;    ///< `text` still contains doubled quotes or escapes.
  bool malformed = false;  ///< Text stands after the closing quote, or an escape before nothing.
};

/// unquote() where there is an escape character.
Unquoted unquote_escaped(std::string_view field, const Marks& marks);

/// Takes the quotes off.
inline Unquoted unquote(std::string_view field, const Marks& marks) {
  if (marks.has_escape) return unquote_escaped(field, marks);
  Unquoted result{.text = field};
  if (!marks.has_quote || field.empty() || static_cast<std::uint8_t>(field[0]) != marks.quote) {
    return result;
  }
  result.quoted = true;
  const char quote = static_cast<char>(marks.quote);
  if (field.size() < 2 || field.back() != quote) {
    result.malformed = true;
    return result;
  }
  result.text = field.substr(1, field.size() - 2);
  const std::size_t inner = result.text.find(quote);
  if (inner == std::string_view::npos) return result;
  result.escaped = true;
  for (std::size_t i = inner; i < result.text.size(); ++i) {
    if (result.text[i] != quote) continue;
    if (++i == result.text.size() || result.text[i] != quote) result.malformed = true;
  }
  return result;
}

/// What append_unquoted() may read and write beyond the end.
inline constexpr std::size_t kUnquotePadding = 16;

/// Appends a field that begins with a quote at `out`: without its quotes, and doubled quotes made
/// single; where there is no escape character. Returns one past the last byte written; null if text
/// stands after the closing quote. As many bytes as the field has, and kUnquotePadding more, must
/// be readable from its begin and writable.
char* append_unquoted(std::string_view field, const Marks& marks, char* out);

/// The text with doubled quotes made single, and without escapes.
std::string unescaped(const Unquoted& field, const Marks& marks);

/// The text as UTF-8, whatever the encoding says it is. For names and messages; columns have a
/// faster way.
std::string decoded(std::string_view bytes, Encoding encoding);

/// Appends `bytes` as UTF-8 at `out`, which must have room for three times as many bytes, and
/// returns one past the last byte written. Latin-1 doubles bytes from 0x80; lossy UTF-8 replaces
/// each maximal invalid part by U+FFFD (the practice that the Unicode standard recommends, 3.9).
char* append_decoded(std::string_view bytes, Encoding encoding, char* out);

/// Whether all of it is UTF-8. SIMD, for whole blocks.
bool is_valid_utf8(std::string_view bytes);

/// Length of the valid UTF-8 at the start of `bytes`: the offset of the first invalid byte, or the
/// size.
std::size_t valid_utf8_length(std::string_view bytes);

/// The texts that mean null.
class NullValues {
 public:
  explicit NullValues(const std::vector<std::string>& texts) : texts_(texts) {
    for (const std::string& text : texts_) {
      if (!text.empty()) first_[static_cast<std::uint8_t>(text[0])] = true;
    }
  }
  const std::vector<std::string>& texts() const { return texts_; }
  /// Whether a field of this text is null. The empty unquoted field always is.
  bool contains(std::string_view text) const {
    if (text.empty() || !first_[static_cast<std::uint8_t>(text[0])]) return false;
    for (const std::string& null : texts_) {
      if (text == null) return true;
    }
    return false;
  }

 private:
  std::vector<std::string> texts_;
  bool first_[256] = {};
};

}  // namespace polarway::csv
