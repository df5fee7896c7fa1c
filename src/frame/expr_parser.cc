#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "core/out_of_memory.h"
#include "core/quoted_text.h"
#include "frame/expr_lexer.h"
#include "frame/expr_node.h"
#include "frame/like_pattern.h"
#include "polarway/expr.h"
#include "polarway/schema.h"

namespace polarway {
namespace {

using Kind = ExprToken::Kind;

// Each level of a tree takes at most two steps of the recursion that reads its text.
constexpr int kMaxSteps = 2 * kMaxExprDepth + 8;

std::optional<ExprOp> binary_op(const ExprToken& token) {
  static constexpr std::pair<std::string_view, ExprOp> kOps[] = {
      {"or", ExprOp::Or},       {"and", ExprOp::And},         {"=", ExprOp::Equal},
      {"!=", ExprOp::NotEqual}, {"<", ExprOp::Less},          {"<=", ExprOp::LessEqual},
      {">", ExprOp::Greater},   {">=", ExprOp::GreaterEqual}, {"+", ExprOp::Add},
      {"-", ExprOp::Subtract},  {"*", ExprOp::Multiply},      {"/", ExprOp::Divide},
  };
  if (token.kind != Kind::Symbol && token.kind != Kind::Keyword) return std::nullopt;
  for (const auto& [spelling, op] : kOps) {
    if (token.text == spelling) return op;
  }
  return std::nullopt;
}

Precedence level_of(ExprOp op) {
  if (op == ExprOp::Or) return Precedence::Or;
  if (op == ExprOp::And) return Precedence::And;
  if (is_comparison(op)) return Precedence::Comparison;
  return op == ExprOp::Add || op == ExprOp::Subtract ? Precedence::Additive
                                                     : Precedence::Multiplicative;
}

Precedence tighter(Precedence level) {
  return static_cast<Precedence>(static_cast<std::uint8_t>(level) + 1);
}

Expr combine(ExprOp op, const Expr& left, const Expr& right) {
  return Expr(std::make_shared<ExprNode>(
      op, std::vector<ExprTree>{left.node().shared_from_this(), right.node().shared_from_this()}));
}

// Precedence climbing over the words. Each function returns nothing after an error, which the first
// to see it has noted: an optional in every frame of a deep recursion is small, a SourceError is
// not.
class Parser {
 public:
  Parser(std::string_view text, std::vector<ExprToken> tokens)
      : text_(text), tokens_(std::move(tokens)) {}

  Result<std::vector<Expr>> list(bool only_one) {
    std::vector<Expr> exprs;
    do {
      std::optional<Expr> expr = named();
      if (!expr) return fail(*std::move(error_));
      exprs.push_back(*std::move(expr));
    } while (!only_one && accept(Kind::Symbol, ","));
    if (peek().kind != Kind::End) {
      expected(only_one ? "an operator or the end" : "an operator, a comma or the end");
      return fail(*std::move(error_));
    }
    return exprs;
  }

 private:
  const ExprToken& peek() const { return tokens_[at_]; }

  bool is(Kind kind, std::string_view text) const {
    return peek().kind == kind && peek().text == text;
  }
  bool accept(Kind kind, std::string_view text) {
    if (!is(kind, text)) return false;
    ++at_;
    return true;
  }

  std::nullopt_t error(std::string_view what, std::string hint = {}) {
    if (!error_) error_ = error_in_expr(text_, peek().begin, what, std::move(hint));
    return std::nullopt;
  }

  std::nullopt_t expected(std::string_view what, std::string hint = {}) {
    const ExprToken& found = peek();
    const std::string_view words = text_.substr(found.begin, found.end - found.begin);
    if (hint.empty() && found.kind == Kind::Keyword) {
      hint = found.text == "not" ? "put not and what it negates in parentheses"
                                 : "a column of that name is written in \"quotes\"";
    }
    return error("expected " + std::string(what) + ", found " +
                     (found.kind == Kind::End ? "the end" : shorten(words, 32)),
                 std::move(hint));
  }

  bool close() {
    if (accept(Kind::Symbol, ")")) return true;
    expected("an operator or \")\"");
    return false;
  }

  // EXPR [as NAME]
  std::optional<Expr> named() {
    std::optional<Expr> expr = climb(Precedence::Or);
    if (!expr || !accept(Kind::Keyword, "as")) return expr;
    if (peek().kind != Kind::Name) return expected("a name");
    return expr->alias(tokens_[at_++].text);
  }

  // An expression of operators that hold at least as tightly as `least`.
  std::optional<Expr> climb(Precedence least) {
    if (steps_ >= kMaxSteps) return too_deep();
    ++steps_;
    std::optional<Expr> expr = operand(least);
    while (expr) {
      if (expr->node().depth > kMaxExprDepth) return too_deep();
      const Precedence level = next_level();
      if (level < least || level > loosest_) break;
      if (level == Precedence::Comparison && loosest_ == level) return chained();
      expr = level == Precedence::Comparison ? compared(*expr) : chain(level, *expr);
      loosest_ = level;
    }
    --steps_;
    return expr;
  }

  // What begins an expression: `not` and what it holds, or a value. Leaves in loosest_ how loosely
  // that is held together: a tighter operator cannot follow.
  std::optional<Expr> operand(Precedence least) {
    if (least <= Precedence::Not && accept(Kind::Keyword, "not")) {
      std::optional<Expr> negated = climb(Precedence::Not);
      loosest_ = Precedence::Not;
      return negated ? std::optional<Expr>(!*negated) : std::nullopt;
    }
    std::optional<Expr> value = signed_value();
    loosest_ = Precedence::Unary;
    return value;
  }

  // How tightly the operator at hand holds; Alias when there is none.
  Precedence next_level() const {
    if (const auto op = binary_op(peek())) return level_of(*op);
    const bool compares = peek().kind == Kind::Keyword &&
                          (peek().text == "is" || peek().text == "in" || peek().text == "not" ||
                           peek().text == "between" || peek().text == "like");
    return compares ? Precedence::Comparison : Precedence::Alias;
  }

  std::nullopt_t chained() {
    return error("comparisons do not chain", "use and, between, or parentheses");
  }
  std::nullopt_t too_deep() {
    return error("the expression is nested more than " + std::to_string(kMaxExprDepth) +
                 " levels deep");
  }

  // left OP right, for operators that lean to the left.
  std::optional<Expr> chain(Precedence level, const Expr& left) {
    const ExprOp op = *binary_op(tokens_[at_++]);
    const std::optional<Expr> right = climb(tighter(level));
    return right ? std::optional<Expr>(combine(op, left, *right)) : std::nullopt;
  }

  // left = right, left is [not] null, left [not] in (...), left [not] between low and high,
  // left [not] like pattern
  std::optional<Expr> compared(const Expr& left) {
    if (binary_op(peek())) return chain(Precedence::Comparison, left);
    if (accept(Kind::Keyword, "is")) {
      const bool negated = accept(Kind::Keyword, "not");
      if (!accept(Kind::Keyword, "null")) {
        return expected(negated ? "null" : "null or not null", "compare with = instead");
      }
      return negated ? left.is_not_null() : left.is_null();
    }
    const bool negated = accept(Kind::Keyword, "not");
    std::optional<Expr> expr;
    if (accept(Kind::Keyword, "in")) {
      expr = one_of(left);
    } else if (accept(Kind::Keyword, "between")) {
      expr = within(left);
    } else if (accept(Kind::Keyword, "like")) {
      expr = matching(left);
    } else {
      return expected("in, between or like");
    }
    return expr && negated ? std::optional<Expr>(!*expr) : expr;
  }

  std::optional<Expr> within(const Expr& value) {
    const std::optional<Expr> low = climb(Precedence::Additive);
    if (!low) return std::nullopt;
    if (!accept(Kind::Keyword, "and")) return expected("and");
    const std::optional<Expr> high = climb(Precedence::Additive);
    return high ? std::optional<Expr>(value.is_between(*low, *high)) : std::nullopt;
  }

  // 'pattern' [escape 'character'], checked here, where an error can point at it.
  std::optional<Expr> matching(const Expr& value) {
    const ExprToken& pattern = peek();
    if (pattern.kind != Kind::Text) {
      return expected("a pattern in 'single quotes'",
                      "such as 'A%': % is any text, _ one character");
    }
    ++at_;
    std::string escape;
    if (is_word("escape")) {
      ++at_;
      if (peek().kind != Kind::Text) return expected("a character in 'single quotes'");
      escape = tokens_[at_++].text;
    }
    if (const Result<LikePattern> compiled = LikePattern::parse(pattern.text, escape); !compiled) {
      error_ = error_in_expr(text_, pattern.begin, compiled.error().message, compiled.error().hint);
      return std::nullopt;
    }
    return value.like(pattern.text, std::move(escape));
  }

  // Whether that word is next: one that is a name elsewhere.
  bool is_word(std::string_view word) const {
    const ExprToken& token = peek();
    return token.kind == Kind::Name && text_[token.begin] != '"' &&
           token.text.size() == word.size() &&
           std::equal(word.begin(), word.end(), token.text.begin(),
                      [](char wanted, char found) { return wanted == (found | 0x20); });
  }

  // cast(value as TYPE), with the parenthesis at hand
  std::optional<Expr> cast() {
    ++at_;
    const std::optional<Expr> value = climb(Precedence::Or);
    if (!value) return std::nullopt;
    if (!accept(Kind::Keyword, "as")) return expected("an operator or as");
    std::optional<Expr> result = as_type(*value);
    return result && close() ? result : std::nullopt;
  }

  // A type's name, perhaps with parameters: int64, timestamp[us, UTC], decimal(10, 2)
  std::optional<Expr> as_type(const Expr& value) {
    const std::size_t begin = peek().begin;
    if (peek().kind != Kind::Name && peek().kind != Kind::Type)
      return expected("a type", "such as int64");
    const bool plain = tokens_[at_++].kind == Kind::Name;
    if (plain && accept(Kind::Symbol, "(")) {
      while (peek().kind == Kind::Integer || is(Kind::Symbol, ",")) ++at_;
      if (!accept(Kind::Symbol, ")")) return expected("a number, a comma or \")\"");
    }
    const Result<DataType> type =
        DataType::parse(text_.substr(begin, tokens_[at_ - 1].end - begin));
    if (!type) {
      error_ = error_in_expr(text_, begin, type.error().message, type.error().hint);
      return std::nullopt;
    }
    return value.cast(*type);
  }

  std::optional<Expr> one_of(const Expr& value) {
    if (!accept(Kind::Symbol, "(")) return expected("(");
    std::vector<Expr> values;
    if (!is(Kind::Symbol, ")")) {
      do {
        const std::size_t begin = at_;
        std::optional<Expr> literal = climb(Precedence::Or);
        if (!literal) return std::nullopt;
        if (literal->node().op != ExprOp::Literal) {
          at_ = begin;
          return expected("a literal", "text is written in 'single quotes'");
        }
        values.push_back(*std::move(literal));
      } while (accept(Kind::Symbol, ","));
    }
    if (!accept(Kind::Symbol, ")")) return expected("a comma or \")\"");
    return value.is_in(std::move(values));
  }

  std::optional<Expr> signed_value() {
    if (!accept(Kind::Symbol, "-")) return typed(primary());
    if (peek().kind == Kind::Integer) return typed(integer("-"));
    if (steps_ >= kMaxSteps) return too_deep();
    ++steps_;
    const std::optional<Expr> value = signed_value();
    --steps_;
    return value ? std::optional<Expr>(negate(*value)) : std::nullopt;
  }

  // value::TYPE, as often as it is written
  std::optional<Expr> typed(std::optional<Expr> value) {
    while (value && accept(Kind::Symbol, "::")) {
      value = as_type(*value);
      if (value && value->node().depth > kMaxExprDepth) return too_deep();
    }
    return value;
  }

  std::optional<Expr> primary() {
    const ExprToken& token = peek();
    switch (token.kind) {
      case Kind::Type:
        return expected("a value",
                        "a name with other characters than letters, digits and _ is "
                        "written in \"quotes\"");
      case Kind::Name:
        if (is_word("cast") && tokens_[at_ + 1].text == "(" &&
            tokens_[at_ + 1].kind == Kind::Symbol) {
          ++at_;
          return cast();
        }
        if (tokens_[at_ + 1].kind == Kind::Symbol && tokens_[at_ + 1].text == "(") {
          return error("there is no function " + shorten(token.text));
        }
        return col(tokens_[at_++].text);
      case Kind::Text:
        return lit(tokens_[at_++].text);
      case Kind::Integer:
        return integer("");
      case Kind::Float:
        return number();
      case Kind::Keyword:
        return constant();
      case Kind::Symbol:
        if (accept(Kind::Symbol, "(")) {
          std::optional<Expr> inner = named();
          return inner && close() ? inner : std::nullopt;
        }
        return expected("a value");
      case Kind::End:
        break;
    }
    return expected("a value");
  }

  std::optional<Expr> constant() {
    if (accept(Kind::Keyword, "true")) return lit(true);
    if (accept(Kind::Keyword, "false")) return lit(false);
    if (accept(Kind::Keyword, "null")) return null();
    if (accept(Kind::Keyword, "nan")) return lit(std::numeric_limits<double>::quiet_NaN());
    if (accept(Kind::Keyword, "inf")) return lit(std::numeric_limits<double>::infinity());
    return expected("a value");
  }

  std::optional<Expr> integer(const std::string& sign) {
    const std::string digits = sign + peek().text;
    std::int64_t value = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc{}) {
      return error(shorten(digits, 32) + " does not fit an int64",
                   "write " + digits.substr(0, 32) + ".0 for a float64");
    }
    ++at_;
    return lit(value);
  }

  std::optional<Expr> number() {
    const std::string& digits = peek().text;
    double value = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc{}) {
      return error(shorten(digits, 32) + " is beyond what a float64 holds");
    }
    ++at_;
    return lit(value);
  }

  std::string_view text_;
  std::vector<ExprToken> tokens_;
  std::size_t at_ = 0;
  int steps_ = 0;
  Precedence loosest_ = Precedence::Unary;
  std::optional<SourceError> error_;
};

Result<std::vector<Expr>> parse(std::string_view text, bool only_one) {
  return guard([&]() -> Result<std::vector<Expr>> {
    POLARWAY_TRY(std::vector<ExprToken> tokens, lex_expr(text));
    return Parser(text, std::move(tokens)).list(only_one);
  });
}

}  // namespace

Result<Expr> parse_expr(std::string_view text) {
  POLARWAY_TRY(const std::vector<Expr> exprs, parse(text, true));
  return exprs.front();
}

Result<std::vector<Expr>> parse_exprs(std::string_view text) { return parse(text, false); }

}  // namespace polarway
