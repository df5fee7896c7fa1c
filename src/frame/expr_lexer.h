#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "polarway/result.h"

namespace polarway {

/// A word of an expression.
struct ExprToken {
  enum class Kind : std::uint8_t {
    End,      // one, after all others
    Name,     // of a column, quoted or not
    Type,     // a word and what is in [brackets] behind it
    Keyword,  // in lower case
    Text,     // a text literal
    Integer,  // digits, which may be more than an int64 holds
    Float,    // the number in the way std::from_chars reads it
    Symbol,   // an operator, a comma or a parenthesis; "==" is "=", "<>" is "!="
  };

  Kind kind = Kind::End;
  std::string text;       // what the kind says, without quotes
  std::size_t begin = 0;  // its bytes in the expression
  std::size_t end = 0;
};

/// The words of an expression. Config error for what can be none: a quote never closed, a stray
/// character.
Result<std::vector<ExprToken>> lex_expr(std::string_view text);

/// A Config error that points at a byte of an expression:
/// `at character 7 of "age > ) and x": expected a value, found ")"`.
SourceError error_in_expr(std::string_view text, std::size_t at, std::string_view what,
                          std::string hint = {});

}  // namespace polarway
