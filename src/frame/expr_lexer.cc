#include "frame/expr_lexer.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/quoted_text.h"
#include "core/utf8.h"
#include "frame/expr_node.h"

namespace polarway {
namespace {

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
bool is_space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }
bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<ExprToken>> run() {
    POLARWAY_CHECK(check_encoding());
    std::vector<ExprToken> tokens;
    do {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      POLARWAY_TRY(tokens.emplace_back(), next());
    } while (tokens.back().kind != ExprToken::Kind::End);
    return tokens;
  }

 private:
  // Names and texts go into schemas and arrays, which are UTF-8.
  Result<void> check_encoding() const {
    std::uint32_t code_point = 0;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t length = utf8_length(text_.substr(at), code_point);
      if (length == 0) return fail(error_in_expr(text_, at, "this is not UTF-8"));
      at += length;
    }
    return {};
  }

  Result<ExprToken> next() {
    if (at_ == text_.size()) return token(ExprToken::Kind::End, at_, {});
    const char first = peek(0);
    if (first == '\'') return quoted(ExprToken::Kind::Text);
    if (first == '"') return quoted(ExprToken::Kind::Name);
    if (is_digit(first) || (first == '.' && is_digit(peek(1)))) return number();
    if (is_name_byte(first)) return word();
    return symbol();
  }

  char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  ExprToken token(ExprToken::Kind kind, std::size_t begin, std::string text) const {
    return {.kind = kind, .text = std::move(text), .begin = begin, .end = at_};
  }

  Result<ExprToken> quoted(ExprToken::Kind kind) {
    const std::size_t begin = at_;
    const char quote = text_[at_++];
    std::string content;
    while (at_ < text_.size()) {
      if (text_[at_] == quote) {
        ++at_;
        if (peek(0) != quote) return token(kind, begin, std::move(content));
      }
      content += text_[at_++];
    }
    return fail(error_in_expr(text_, begin, "this quote is never closed",
                              "a quote inside is written twice"));
  }

  Result<ExprToken> number() {
    const std::size_t begin = at_;
    ExprToken::Kind kind = ExprToken::Kind::Integer;
    while (is_digit(peek(0))) ++at_;
    if (peek(0) == '.') {
      kind = ExprToken::Kind::Float;
      ++at_;
      while (is_digit(peek(0))) ++at_;
    }
    if (peek(0) == 'e' || peek(0) == 'E') {
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (is_digit(peek(1 + sign))) {
        kind = ExprToken::Kind::Float;
        at_ += 1 + sign;
        while (is_digit(peek(0))) ++at_;
      }
    }
    if (at_ < text_.size() && (is_name_byte(peek(0)) || peek(0) == '.')) {
      return fail(
          error_in_expr(text_, begin, "this is no number",
                        "a column's name that begins with a digit is written in \"quotes\""));
    }
    return token(kind, begin, std::string(text_.substr(begin, at_ - begin)));
  }

  Result<ExprToken> word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name_byte(text_[at_])) ++at_;
    if (peek(0) == '[') return type(begin);
    std::string name(text_.substr(begin, at_ - begin));
    if (!is_keyword(name)) return token(ExprToken::Kind::Name, begin, std::move(name));
    for (char& letter : name) letter = static_cast<char>(letter | 0x20);
    return token(ExprToken::Kind::Keyword, begin, std::move(name));
  }

  Result<ExprToken> type(std::size_t begin) {
    const std::size_t opened = at_;
    int open = 0;
    do {
      if (at_ == text_.size()) {
        return fail(error_in_expr(text_, opened, "this bracket is never closed"));
      }
      // Names of a struct's fields may be in quotes.
      if (text_[at_] == '"') at_ = std::min(text_.find('"', at_ + 1), text_.size() - 1);
      open += text_[at_] == '[' ? 1 : text_[at_] == ']' ? -1 : 0;
      ++at_;
    } while (open > 0);
    return token(ExprToken::Kind::Type, begin, std::string(text_.substr(begin, at_ - begin)));
  }

  Result<ExprToken> symbol() {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kSymbols = {{
        {"==", "="},
        {"!=", "!="},
        {"<>", "!="},
        {"::", "::"},
        {"<=", "<="},
        {">=", ">="},
        {"=", "="},
        {"<", "<"},
        {">", ">"},
        {"+", "+"},
        {"-", "-"},
        {"*", "*"},
        {"/", "/"},
        {"(", "("},
        {")", ")"},
        {",", ","},
    }};
    const std::string_view rest = text_.substr(at_);
    for (const auto& [spelling, meaning] : kSymbols) {
      if (!rest.starts_with(spelling)) continue;
      const std::size_t begin = at_;
      at_ += spelling.size();
      return token(ExprToken::Kind::Symbol, begin, std::string(meaning));
    }
    std::string hint;
    if (rest.starts_with("&")) hint = "write and";
    if (rest.starts_with("|")) hint = "write or";
    if (rest.starts_with("!")) hint = "write not";
    if (rest.starts_with("`") || rest.starts_with("[") || rest.starts_with(".")) {
      hint = "a name with other characters than letters, digits and _ is written in \"quotes\"";
    }
    return fail(
        error_in_expr(text_, at_, "unexpected " + shorten(rest.substr(0, 1)), std::move(hint)));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<ExprToken>> lex_expr(std::string_view text) { return Lexer(text).run(); }

SourceError error_in_expr(std::string_view text, std::size_t at, std::string_view what,
                          std::string hint) {
  constexpr std::size_t kShownBefore = 32;
  constexpr std::size_t kShown = 80;
  std::size_t from = at > kShownBefore ? at - kShownBefore : 0;
  while (from > 0 && continues_character(text[from])) --from;
  const std::string_view before = text.substr(0, at);
  const auto character = 1 + std::count_if(before.begin(), before.end(),
                                           [](char byte) { return !continues_character(byte); });
  std::string message = "at character " + std::to_string(character) + " of ";
  if (from > 0) message += "…";
  message += shorten(text.substr(from), kShown);
  message += ": ";
  message += what;
  return {.kind = ErrorKind::Config, .message = std::move(message), .hint = std::move(hint)};
}

}  // namespace polarway
