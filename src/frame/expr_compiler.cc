#include "frame/expr_compiler.h"

#include <arrow/compute/expression.h>
#include <arrow/type.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/arrow_status.h"
#include "core/quoted_text.h"
#include "polarway/schema.h"

namespace polarway {
namespace {

namespace cp = arrow::compute;

tl::unexpected<SourceError> refuse(std::string message) {
  return fail({.kind = ErrorKind::Config, .message = std::move(message)});
}

Result<TypedExpr> one_of(const ExprNode& node, const TypedExpr& value) {
  std::vector<const LiteralValue*> literals;
  for (std::size_t i = 1; i < node.children.size(); ++i) {
    if (node.children[i]->op != ExprOp::Literal) return refuse("values that are no literals");
    literals.push_back(&node.children[i]->value);
  }
  return is_one_of(value, literals);
}

Result<TypedExpr> between(const TypedExpr& value, const TypedExpr& low, const TypedExpr& high) {
  // Nested betweens of booleans would double the work with each level, and mean nothing.
  if (value.type->id() == arrow::Type::BOOL) return refuse("a bool cannot be between values");
  POLARWAY_TRY(const TypedExpr above, compare(ExprOp::LessEqual, low, value));
  POLARWAY_TRY(const TypedExpr below, compare(ExprOp::LessEqual, value, high));
  return TypedExpr{call("and_kleene", above.expression, below.expression), arrow::boolean()};
}

// A balanced tree, whatever the length: evaluating it recurses, and holds a mask, for each level.
cp::Expression balanced(const char* function, std::vector<cp::Expression> links) {
  while (links.size() > 1) {
    std::vector<cp::Expression> pairs;
    for (std::size_t i = 0; i + 1 < links.size(); i += 2) {
      pairs.push_back(call(function, links[i], links[i + 1]));
    }
    if (links.size() % 2 == 1) pairs.push_back(links.back());
    links = std::move(pairs);
  }
  return links.front();
}

// Recursive: the depth is bounded by kMaxExprDepth, and this keeps its frames small.
class Compiler {
 public:
  explicit Compiler(const arrow::Schema& inputs) : inputs_(inputs) {}

  Result<TypedExpr> compile(const ExprNode& node) const {
    switch (node.op) {
      case ExprOp::Column: {
        const int index = inputs_.GetFieldIndex(node.name);
        return TypedExpr{cp::field_ref(index), inputs_.field(index)->type()};
      }
      case ExprOp::Literal:
        return literal_expr(node.value);
      case ExprOp::Alias:
        return compile(*node.children[0]);
      case ExprOp::And:
      case ExprOp::Or:
        return compile_chain(node);
      default:
        return compile_operator(node);
    }
  }

 private:
  Result<TypedExpr> compile_operator(const ExprNode& node) const {
    std::vector<TypedExpr> parts;
    // The values of `in` are literals, which is_one_of() reads as they are.
    const std::size_t num_parts = node.op == ExprOp::IsIn ? 1 : node.children.size();
    for (std::size_t i = 0; i < num_parts; ++i) {
      POLARWAY_TRY(parts.emplace_back(), compile(*node.children[i]));
    }
    return combine(node, parts);
  }

  [[gnu::noinline]] Result<TypedExpr> combine(const ExprNode& node,
                                              const std::vector<TypedExpr>& parts) const {
    Result<TypedExpr> result = combine_parts(node, parts);
    // Negations keep the text as it was where the error arose, which is inside.
    if (!result) result.error().message += " in " + shorten(to_text(node), 80);
    return result;
  }

  Result<TypedExpr> combine_parts(const ExprNode& node, const std::vector<TypedExpr>& parts) const {
    if (is_comparison(node.op)) return compare(node.op, parts[0], parts[1]);
    switch (node.op) {
      case ExprOp::Negate:
        return negated(parts[0]);
      case ExprOp::Not: {
        POLARWAY_TRY(const TypedExpr value, as_condition(parts[0], *node.children[0]));
        return TypedExpr{call("invert", value.expression), arrow::boolean()};
      }
      case ExprOp::IsNull:
        return TypedExpr{cp::is_null(parts[0].expression), arrow::boolean()};
      case ExprOp::IsNotNull:
        return TypedExpr{cp::is_valid(parts[0].expression), arrow::boolean()};
      case ExprOp::IsIn:
        return one_of(node, parts[0]);
      case ExprOp::Between:
        return between(parts[0], parts[1], parts[2]);
      default: {
        POLARWAY_TRY(TypedExpr value, arithmetic(node.op, parts[0], parts[1]));
        if (value.type == nullptr) {
          auto known = from_arrow(value.expression.Bind(inputs_));
          if (!known) return refuse(known.error().message);
          value.type = known->type()->GetSharedPtr();
        }
        return value;
      }
    }
  }

  Result<TypedExpr> compile_chain(const ExprNode& chain) const {
    std::vector<const ExprNode*> todo{&chain};
    std::vector<cp::Expression> links;
    while (!todo.empty()) {
      const ExprNode* node = todo.back();
      todo.pop_back();
      if (node->op == chain.op) {
        todo.push_back(node->children[1].get());
        todo.push_back(node->children[0].get());
        continue;
      }
      POLARWAY_TRY(const TypedExpr link, compile(*node));
      POLARWAY_TRY(const TypedExpr truth, as_condition(link, *node));
      links.push_back(truth.expression);
    }
    const char* function = chain.op == ExprOp::And ? "and_kleene" : "or_kleene";
    return TypedExpr{balanced(function, std::move(links)), arrow::boolean()};
  }

  const arrow::Schema& inputs_;
};

}  // namespace

Result<TypedExpr> compile(const ExprNode& root, const arrow::Schema& inputs) {
  return Compiler(inputs).compile(root);
}

Result<TypedExpr> as_condition(const TypedExpr& value, const ExprNode& source) {
  if (family_of(*value.type) == TypeFamily::Null) return nulls_of(arrow::boolean());
  if (value.type->id() == arrow::Type::BOOL) return value;
  return refuse(shorten(to_text(source), 80) + " is of type " + DataType(value.type).to_string() +
                ", neither true nor false");
}

}  // namespace polarway
