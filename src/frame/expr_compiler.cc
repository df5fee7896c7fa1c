#include "frame/expr_compiler.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/compute/expression.h>
#include <arrow/datum.h>
#include <arrow/memory_pool.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/arrow_status.h"
#include "core/quoted_text.h"
#include "core/type_spelling.h"
#include "frame/cast.h"
#include "frame/evaluation_bytes.h"
#include "frame/like_pattern.h"
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
  Compiler(const arrow::Schema& columns, std::vector<ExprStep>& steps)
      : columns_(columns), inputs_(columns.fields()), steps_(steps) {}

  Result<TypedExpr> compile(const ExprNode& node) {
    switch (node.op) {
      case ExprOp::Column: {
        const int index = columns_.GetFieldIndex(node.name);
        return TypedExpr{cp::field_ref(index), columns_.field(index)->type()};
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
  Result<TypedExpr> compile_operator(const ExprNode& node) {
    std::vector<TypedExpr> parts;
    // The values of `in` are literals, which is_one_of() reads as they are; so is a pattern.
    const bool only_first = node.op == ExprOp::IsIn || node.op == ExprOp::Like;
    const std::size_t num_parts = only_first ? 1 : node.children.size();
    for (std::size_t i = 0; i < num_parts; ++i) {
      POLARWAY_TRY(parts.emplace_back(), compile(*node.children[i]));
    }
    return combine(node, parts);
  }

  [[gnu::noinline]] Result<TypedExpr> combine(const ExprNode& node,
                                              const std::vector<TypedExpr>& parts) {
    Result<TypedExpr> result = combine_parts(node, parts);
    // Negations keep the text as it was where the error arose, which is inside.
    if (!result) result.error().message += " in " + shorten(to_text(node), 80);
    return result;
  }

  Result<TypedExpr> combine_parts(const ExprNode& node, const std::vector<TypedExpr>& parts) {
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
      case ExprOp::Like:
        return like(node, parts[0]);
      case ExprOp::Cast:
        return cast(node, parts[0]);
      default: {
        POLARWAY_TRY(TypedExpr value, arithmetic(node.op, parts[0], parts[1]));
        if (value.type == nullptr) {
          auto known = from_arrow(value.expression.Bind(arrow::Schema(inputs_)));
          if (!known) return refuse(known.error().message);
          value.type = known->type()->GetSharedPtr();
        }
        return value;
      }
    }
  }

  Result<TypedExpr> like(const ExprNode& node, const TypedExpr& given) {
    const TypedExpr value = computable(given);
    const auto text_of = [&node](std::size_t child) {
      return node.children.size() > child ? std::get<std::string>(node.children[child]->value)
                                          : std::string();
    };
    POLARWAY_TRY(LikePattern pattern, LikePattern::parse(text_of(1), text_of(2)));
    if (family_of(*value.type) == TypeFamily::Null) return nulls_of(arrow::boolean());
    if (family_of(*value.type) != TypeFamily::Text) {
      return refuse("like takes text, and not a " + DataType(value.type).to_string());
    }
    return step(
        value, arrow::boolean(),
        [pattern = std::move(pattern)](const arrow::Array& texts, arrow::MemoryPool* pool) {
          return pattern.matches(texts, pool);
        },
        [](std::int64_t rows) { return fixed_width_bytes(rows, 1); });
  }

  Result<TypedExpr> cast(const ExprNode& node, const TypedExpr& given) {
    const TypedExpr value = computable(given);
    POLARWAY_TRY(const std::shared_ptr<arrow::DataType> type, parse_type(node.name));
    if (value.type->Equals(*type)) return TypedExpr{value.expression, type};
    if (!can_cast(*value.type, *type)) {
      return refuse("no cast leads from " + DataType(value.type).to_string() + " to " + node.name);
    }
    if (family_of(*value.type) == TypeFamily::Null) return nulls_of(type);
    return step(
        value, type,
        [type](const arrow::Array& values, arrow::MemoryPool* pool) {
          return cast_values(values, type, pool);
        },
        [from = value.type, type](std::int64_t rows) { return cast_bytes(*from, *type, rows); });
  }

  // What is a constant is computed now; all else becomes the next step.
  Result<TypedExpr> step(const TypedExpr& value, const std::shared_ptr<arrow::DataType>& type,
                         decltype(ExprStep::apply) apply, decltype(ExprStep::bytes) bytes) {
    arrow::MemoryPool* pool = arrow::default_memory_pool();
    if (const arrow::Datum* literal = value.expression.literal()) {
      POLARWAY_TRY(const auto one, from_arrow(arrow::MakeArrayFromScalar(*literal->scalar(), 1)));
      Result<std::shared_ptr<arrow::Array>> result = apply(*one, pool);
      if (!result) return refuse(std::move(result.error().message));
      POLARWAY_TRY(const auto scalar, from_arrow((*result)->GetScalar(0)));
      return constant(scalar);
    }
    auto argument = value.expression.Bind(arrow::Schema(inputs_));
    if (!argument.ok()) return refuse(to_source_error(argument.status()).message);
    steps_.push_back({.argument = *std::move(argument),
                      .type = type,
                      .apply = std::move(apply),
                      .bytes = std::move(bytes)});
    inputs_.push_back(arrow::field("", type));
    return TypedExpr{cp::field_ref(static_cast<int>(inputs_.size()) - 1), type};
  }

  Result<TypedExpr> compile_chain(const ExprNode& chain) {
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

  const arrow::Schema& columns_;
  arrow::FieldVector inputs_;  // the columns, and what the steps compute
  std::vector<ExprStep>& steps_;
};

}  // namespace

Result<TypedExpr> compile(const ExprNode& root, const arrow::Schema& inputs,
                          std::vector<ExprStep>& steps) {
  return Compiler(inputs, steps).compile(root);
}

Result<TypedExpr> as_condition(const TypedExpr& value, const ExprNode& source) {
  if (family_of(*value.type) == TypeFamily::Null) return nulls_of(arrow::boolean());
  if (value.type->id() == arrow::Type::BOOL) return value;
  return refuse(shorten(to_text(source), 80) + " is of type " + DataType(value.type).to_string() +
                ", neither true nor false");
}

}  // namespace polarway
