#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "polarway/expr.h"

namespace polarway {

/// What a node of an expression does with its children.
enum class ExprOp : std::uint8_t {
  Column,
  Literal,
  Negate,
  Not,
  IsNull,
  IsNotNull,
  Add,
  Subtract,
  Multiply,
  Divide,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  And,
  Or,
  IsIn,     // the value, then the values it may equal
  Between,  // the value, low, high
  Like,     // the value, the pattern, and the escape if there is one
  Cast,
  Alias,
};

/// A literal; std::monostate is null.
using LiteralValue = std::variant<std::monostate, std::int64_t, double, bool, std::string>;

struct ExprNode;
/// A tree, shared by all expressions it is a part of.
using ExprTree = std::shared_ptr<const ExprNode>;

/// Expressions that are nested deeper are refused where they meet a schema: Arrow walks them
/// recursively, on threads with small stacks.
inline constexpr int kMaxExprDepth = 128;

/// One node of an expression. Never changed once it is made.
struct ExprNode : std::enable_shared_from_this<ExprNode> {
  ExprNode(ExprOp op, std::vector<ExprTree> children, std::string name = {},
           LiteralValue value = {});
  ~ExprNode();
  ExprNode(const ExprNode&) = delete;
  ExprNode& operator=(const ExprNode&) = delete;

  ExprOp op;
  std::vector<ExprTree> children;
  std::string name;    // of a column or a cast's type, or the alias
  LiteralValue value;  // of a literal
  /// Levels of the tree. A chain of `and`s, or of `or`s, is one level however long it is: such
  /// chains grow by the hundreds in programs, and are evaluated as balanced trees.
  int depth;
};

/// Whether `op` is one of = != < <= > >=.
constexpr bool is_comparison(ExprOp op) {
  return op >= ExprOp::Equal && op <= ExprOp::GreaterEqual;
}

/// The comparison that says the same with its sides exchanged.
constexpr ExprOp mirrored(ExprOp op) {
  switch (op) {
    case ExprOp::Less:
      return ExprOp::Greater;
    case ExprOp::LessEqual:
      return ExprOp::GreaterEqual;
    case ExprOp::Greater:
      return ExprOp::Less;
    case ExprOp::GreaterEqual:
      return ExprOp::LessEqual;
    default:
      return op;
  }
}

/// How tightly a node's text holds together, in the order of the grammar.
enum class Precedence : std::uint8_t {
  Alias,
  Or,
  And,
  Not,
  Comparison,
  Additive,
  Multiplicative,
  Unary,
  Primary,
};

/// Of the text that Expr::to_string() gives a node.
Precedence precedence_of(const ExprNode& node);

/// A binary operator as the grammar spells it: "+", "<=", "and".
std::string_view symbol_of(ExprOp op);

/// Whether the text, in whatever case, means something to the grammar and is no name there.
bool is_keyword(std::string_view text);

/// Whether a name may hold this byte: ASCII letters, digits, "_", and all of UTF-8 beyond ASCII.
bool is_name_byte(char byte);

/// The text of the whole tree.
std::string to_text(const ExprNode& root);

/// -value; literals are negated at once, so that -5 is a literal.
Expr negate(const Expr& value);

}  // namespace polarway
