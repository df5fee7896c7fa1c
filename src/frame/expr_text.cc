#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "frame/expr_node.h"

namespace polarway {
namespace {

constexpr std::array<std::string_view, 13> kKeywords = {
    "and", "as", "between", "false", "in", "inf", "is", "like", "nan", "not", "null", "or", "true"};

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string in_quotes(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char byte : text) {
    if (byte == quote) out += quote;
    out += byte;
  }
  return out += quote;
}

std::string name_text(std::string_view name) {
  const bool plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
                     std::all_of(name.begin(), name.end(), is_name_byte) && !is_keyword(name);
  return plain ? std::string(name) : in_quotes(name, '"');
}

std::string number_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  std::string text(digits.data(), end);
  // What looks like an integer would be read back as one.
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string literal_text(const LiteralValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&value)) return number_text(*number);
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const auto* text = std::get_if<std::string>(&value)) return in_quotes(*text, '\'');
  return "null";
}

bool starts_with_minus(const LiteralValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number < 0;
  if (const auto* number = std::get_if<double>(&value)) {
    return std::signbit(*number) && !std::isnan(*number);
  }
  return false;
}

Precedence next(Precedence level) {
  return static_cast<Precedence>(static_cast<std::uint8_t>(level) + 1);
}

// Text still to be written: a node, or fixed text. A stack of these instead of recursion, because
// programs make chains of any length.
struct Pending {
  const ExprNode* node = nullptr;
  Precedence at_least = Precedence::Alias;  // a looser node gets parentheses
  std::string text = {};
};

Pending words(std::string_view text) { return {.text = std::string(text)}; }

// The parts of a node's text, in order.
std::vector<Pending> parts_of(const ExprNode& node) {
  const auto child = [&node](std::size_t i, Precedence at_least) {
    return Pending{.node = node.children[i].get(), .at_least = at_least};
  };
  switch (node.op) {
    case ExprOp::Column:
      return {words(name_text(node.name))};
    case ExprOp::Literal:
      return {words(literal_text(node.value))};
    case ExprOp::Negate:  // of a primary, lest "--" appear
      return {words("-"), child(0, Precedence::Primary)};
    case ExprOp::Not:
      return {words("not "), child(0, Precedence::Not)};
    case ExprOp::IsNull:
      return {child(0, Precedence::Additive), words(" is null")};
    case ExprOp::IsNotNull:
      return {child(0, Precedence::Additive), words(" is not null")};
    case ExprOp::Between:
      return {child(0, Precedence::Additive), words(" between "), child(1, Precedence::Additive),
              words(" and "), child(2, Precedence::Additive)};
    case ExprOp::Alias:
      return {child(0, Precedence::Or), words(" as "), words(name_text(node.name))};
    case ExprOp::Cast:
      return {words("cast("), child(0, Precedence::Or), words(" as " + node.name + ")")};
    case ExprOp::Like: {
      std::vector<Pending> parts{child(0, Precedence::Additive), words(" like "),
                                 child(1, Precedence::Primary)};
      if (node.children.size() > 2) {
        parts.push_back(words(" escape "));
        parts.push_back(child(2, Precedence::Primary));
      }
      return parts;
    }
    case ExprOp::IsIn: {
      std::vector<Pending> parts{child(0, Precedence::Additive), words(" in (")};
      for (std::size_t i = 1; i < node.children.size(); ++i) {
        if (i > 1) parts.push_back(words(", "));
        parts.push_back(child(i, Precedence::Or));
      }
      parts.push_back(words(")"));
      return parts;
    }
    default: {
      // Comparisons do not chain; arithmetic leans to the left; `and` and `or` lean to either side.
      const Precedence level = precedence_of(node);
      const bool logic = node.op == ExprOp::And || node.op == ExprOp::Or;
      return {child(0, is_comparison(node.op) ? next(level) : level),
              words(" " + std::string(symbol_of(node.op)) + " "),
              child(1, logic ? level : next(level))};
    }
  }
}

}  // namespace

bool is_keyword(std::string_view text) {
  return std::any_of(kKeywords.begin(), kKeywords.end(), [text](std::string_view keyword) {
    return std::equal(text.begin(), text.end(), keyword.begin(), keyword.end(),
                      [](char a, char b) { return lower(a) == b; });
  });
}

bool is_name_byte(char byte) {
  const char letter = lower(byte);
  return (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') || byte == '_' ||
         static_cast<unsigned char>(byte) >= 0x80;
}

std::string_view symbol_of(ExprOp op) {
  switch (op) {
    case ExprOp::Add:
      return "+";
    case ExprOp::Subtract:
      return "-";
    case ExprOp::Multiply:
      return "*";
    case ExprOp::Divide:
      return "/";
    case ExprOp::Equal:
      return "=";
    case ExprOp::NotEqual:
      return "!=";
    case ExprOp::Less:
      return "<";
    case ExprOp::LessEqual:
      return "<=";
    case ExprOp::Greater:
      return ">";
    case ExprOp::GreaterEqual:
      return ">=";
    case ExprOp::And:
      return "and";
    case ExprOp::Or:
      return "or";
    default:
      return "";
  }
}

Precedence precedence_of(const ExprNode& node) {
  switch (node.op) {
    case ExprOp::Alias:
      return Precedence::Alias;
    case ExprOp::Or:
      return Precedence::Or;
    case ExprOp::And:
      return Precedence::And;
    case ExprOp::Not:
      return Precedence::Not;
    case ExprOp::Add:
    case ExprOp::Subtract:
      return Precedence::Additive;
    case ExprOp::Multiply:
    case ExprOp::Divide:
      return Precedence::Multiplicative;
    case ExprOp::Negate:
      return Precedence::Unary;
    case ExprOp::Column:
    case ExprOp::Cast:
      return Precedence::Primary;
    case ExprOp::Literal:
      return starts_with_minus(node.value) ? Precedence::Unary : Precedence::Primary;
    default:
      return Precedence::Comparison;
  }
}

std::string to_text(const ExprNode& root) {
  std::string out;
  std::vector<Pending> todo{{.node = &root}};
  while (!todo.empty()) {
    const Pending part = std::move(todo.back());
    todo.pop_back();
    if (part.node == nullptr) {
      out += part.text;
      continue;
    }
    std::vector<Pending> parts = parts_of(*part.node);
    const bool parenthesized = precedence_of(*part.node) < part.at_least;
    if (parenthesized) out += '(';
    if (parenthesized) todo.push_back(words(")"));
    std::move(parts.rbegin(), parts.rend(), std::back_inserter(todo));
  }
  return out;
}

}  // namespace polarway
