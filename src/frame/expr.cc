#include "polarway/expr.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "frame/expr_node.h"

namespace polarway {
namespace {

int depth_of(ExprOp op, const std::vector<ExprTree>& children) {
  const bool chains = op == ExprOp::And || op == ExprOp::Or;
  int depth = 1;
  for (const ExprTree& child : children) {
    depth = std::max(depth, chains && child->op == op ? child->depth : child->depth + 1);
  }
  return depth;
}

ExprTree tree_of(const Expr& expr) { return expr.node().shared_from_this(); }

template <class... Parts>
Expr make(ExprOp op, const Parts&... parts) {
  return Expr(std::make_shared<ExprNode>(op, std::vector<ExprTree>{tree_of(parts)...}));
}

Expr make_literal(LiteralValue value) {
  return Expr(std::make_shared<ExprNode>(ExprOp::Literal, std::vector<ExprTree>{}, std::string(),
                                         std::move(value)));
}

}  // namespace

ExprNode::ExprNode(ExprOp what, std::vector<ExprTree> parts, std::string called,
                   LiteralValue constant)
    : op(what),
      children(std::move(parts)),
      name(std::move(called)),
      value(std::move(constant)),
      depth(depth_of(op, children)) {}

// A chain that a program made in a loop may have a million links: taken apart one by one, since the
// recursion of the default would overflow the stack, and without asking for memory, of which there
// may be none. The nodes on the way down form a list: the place of each one's first child, which
// was taken out, holds the node above it.
ExprNode::~ExprNode() {
  while (!children.empty()) {
    ExprTree node = std::move(children.back());
    children.pop_back();
    ExprTree above;
    for (;;) {
      // Whoever has it, too, takes it apart. Nobody else sees what is only ours: it may change.
      if (node && node.use_count() == 1 && !node->children.empty()) {
        auto& parts = const_cast<ExprNode&>(*node).children;
        ExprTree first = std::move(parts.front());
        parts.front() = std::move(above);
        above = std::move(node);
        node = std::move(first);
        continue;
      }
      node.reset();
      if (!above) break;
      auto& parts = const_cast<ExprNode&>(*above).children;
      if (parts.size() > 1) {
        node = std::move(parts.back());
        parts.pop_back();
      } else {
        ExprTree next = std::move(parts.front());
        parts.clear();
        above = std::move(next);
      }
    }
  }
}

Expr Expr::eq(const Expr& other) const { return make(ExprOp::Equal, *this, other); }
Expr Expr::ne(const Expr& other) const { return make(ExprOp::NotEqual, *this, other); }
Expr Expr::lt(const Expr& other) const { return make(ExprOp::Less, *this, other); }
Expr Expr::le(const Expr& other) const { return make(ExprOp::LessEqual, *this, other); }
Expr Expr::gt(const Expr& other) const { return make(ExprOp::Greater, *this, other); }
Expr Expr::ge(const Expr& other) const { return make(ExprOp::GreaterEqual, *this, other); }

Expr Expr::is_null() const { return make(ExprOp::IsNull, *this); }
Expr Expr::is_not_null() const { return make(ExprOp::IsNotNull, *this); }

Expr Expr::is_in(std::vector<Expr> values) const {
  std::vector<ExprTree> parts{tree_of(*this)};
  for (const Expr& value : values) parts.push_back(tree_of(value));
  return Expr(std::make_shared<ExprNode>(ExprOp::IsIn, std::move(parts)));
}

Expr Expr::is_between(const Expr& low, const Expr& high) const {
  return make(ExprOp::Between, *this, low, high);
}

Expr Expr::like(std::string pattern, std::string escape) const {
  if (escape.empty()) return make(ExprOp::Like, *this, lit(std::move(pattern)));
  return make(ExprOp::Like, *this, lit(std::move(pattern)), lit(std::move(escape)));
}

Expr Expr::cast(const DataType& type) const {
  return Expr(std::make_shared<ExprNode>(ExprOp::Cast, std::vector<ExprTree>{tree_of(*this)},
                                         type.to_string()));
}

Expr Expr::alias(std::string name) const {
  return Expr(std::make_shared<ExprNode>(ExprOp::Alias, std::vector<ExprTree>{tree_of(*this)},
                                         std::move(name)));
}

std::string Expr::output_name() const {
  const bool named = node_->op == ExprOp::Alias || node_->op == ExprOp::Column;
  return named ? node_->name : to_string();
}

std::vector<std::string> Expr::columns() const {
  std::vector<std::string> names;
  std::unordered_set<std::string> seen;
  std::vector<const ExprNode*> todo{node_.get()};
  while (!todo.empty()) {
    const ExprNode* node = todo.back();
    todo.pop_back();
    if (node->op == ExprOp::Column && seen.insert(node->name).second) names.push_back(node->name);
    for (auto child = node->children.rbegin(); child != node->children.rend(); ++child) {
      todo.push_back(child->get());
    }
  }
  return names;
}

std::string Expr::to_string() const { return to_text(*node_); }

Expr col(std::string name) {
  return Expr(std::make_shared<ExprNode>(ExprOp::Column, std::vector<ExprTree>{}, std::move(name)));
}

Expr lit(std::int64_t value) { return make_literal(value); }
Expr lit(double value) { return make_literal(value); }
Expr lit(bool value) { return make_literal(value); }
Expr lit(std::string value) { return make_literal(std::move(value)); }
Expr null() { return make_literal(std::monostate{}); }

Expr negate(const Expr& value) {
  const LiteralValue& literal = value.node().value;
  if (const auto* number = std::get_if<std::int64_t>(&literal);
      number != nullptr && *number != std::numeric_limits<std::int64_t>::min()) {
    return lit(-*number);
  }
  if (const auto* number = std::get_if<double>(&literal)) return lit(-*number);
  return make(ExprOp::Negate, value);
}

Expr operator+(const Expr& left, const Expr& right) { return make(ExprOp::Add, left, right); }
Expr operator-(const Expr& left, const Expr& right) { return make(ExprOp::Subtract, left, right); }
Expr operator*(const Expr& left, const Expr& right) { return make(ExprOp::Multiply, left, right); }
Expr operator/(const Expr& left, const Expr& right) { return make(ExprOp::Divide, left, right); }
Expr operator-(const Expr& value) { return negate(value); }
Expr operator&&(const Expr& left, const Expr& right) { return make(ExprOp::And, left, right); }
Expr operator||(const Expr& left, const Expr& right) { return make(ExprOp::Or, left, right); }
Expr operator!(const Expr& value) { return make(ExprOp::Not, value); }

}  // namespace polarway
