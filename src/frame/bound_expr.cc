#include "frame/bound_expr.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/compute/exec.h>
#include <arrow/compute/expression.h>
#include <arrow/compute/initialize.h>
#include <arrow/datum.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "core/arrow_status.h"
#include "core/quoted_text.h"
#include "frame/column_name.h"
#include "frame/evaluation_bytes.h"
#include "frame/expr_compiler.h"
#include "frame/expr_node.h"
#include "frame/expr_step.h"
#include "polarway/schema.h"

namespace polarway {

namespace cp = arrow::compute;

struct BoundExpr::State {
  explicit State(const Expr& expr) : source(expr), columns(expr.columns()) {}

  Expr source;
  std::vector<std::string> columns;
  arrow::FieldVector inputs;  // the fields of `columns`
  std::vector<ExprStep> steps;
  cp::Expression compiled;  // reads columns by their place in `inputs`, and behind them the steps'
  std::shared_ptr<arrow::DataType> type;

  // The columns of a batch that the expression reads.
  Result<cp::ExecBatch> select(const arrow::RecordBatch& batch) const {
    std::vector<arrow::Datum> values;
    for (const auto& field : inputs) {
      const int index = batch.schema()->GetFieldIndex(field->name());
      if (index < 0) {
        SourceError error = no_such_column(field->name(), batch.schema()->field_names());
        error.kind = ErrorKind::Schema;
        return fail(std::move(error));
      }
      const auto& found = batch.schema()->field(index)->type();
      if (!found->Equals(*field->type())) {
        return fail({.kind = ErrorKind::Schema,
                     .where = {.column = field->name()},
                     .message = "its type is " + DataType(found).to_string() + ", and was " +
                                DataType(field->type()).to_string()});
      }
      values.emplace_back(batch.column_data(index));
    }
    return cp::ExecBatch(std::move(values), batch.num_rows());
  }
};

namespace {

Result<void> initialize_arrow() {
  static const arrow::Status status = cp::Initialize();
  return from_arrow(status);
}

Result<arrow::FieldVector> find_columns(const std::vector<std::string>& names,
                                        const arrow::Schema& schema) {
  arrow::FieldVector fields;
  for (const std::string& name : names) {
    const std::vector<int> indices = schema.GetAllFieldIndices(name);
    if (indices.empty()) return fail(no_such_column(name, schema.field_names()));
    if (indices.size() > 1) {
      return fail({.kind = ErrorKind::Config,
                   .message = "there are " + std::to_string(indices.size()) + " columns named " +
                              shorten(name)});
    }
    fields.push_back(schema.field(indices[0]));
  }
  return fields;
}

// What Arrow says of values is not about the bytes of a file.
SourceError evaluation_error(SourceError error, const Expr& source) {
  if (error.kind != ErrorKind::MemoryLimit) error.kind = ErrorKind::Schema;
  if (error.where.row) {  // of this batch: which row of the source that is, is not known here
    error.message = "row " + std::to_string(*error.where.row) + " of the chunk: " + error.message;
    error.where.row.reset();
  }
  error.message += " in " + shorten(source.to_string(), 80);
  return error;
}

arrow::Result<std::shared_ptr<arrow::Array>> execute(const cp::Expression& expression,
                                                     const cp::ExecBatch& input,
                                                     arrow::MemoryPool* pool) {
  cp::ExecContext context(pool);
  context.set_use_threads(false);
  ARROW_ASSIGN_OR_RAISE(const arrow::Datum value,
                        cp::ExecuteScalarExpression(expression, input, &context));
  if (value.is_array()) return value.make_array();
  if (value.is_scalar()) {
    return arrow::MakeArrayFromScalar(*value.scalar(), input.length, pool);
  }
  return arrow::Status::CapacityError("the values do not fit one array");
}

// What has no column in it is computed once, and then repeated for each row.
std::int64_t constant_bytes(const cp::Expression& expression, std::int64_t rows) {
  const arrow::DataType& type = *expression.type();
  if (cp::ExpressionHasFieldRefs(expression) || !arrow::is_fixed_width(type.id())) return 0;
  return fixed_width_bytes(rows, type.bit_width());
}

std::int64_t broadcast_bytes(const cp::Expression& literal, std::int64_t rows) {
  const arrow::Scalar& value = *literal.literal()->scalar();
  if (arrow::is_fixed_width(value.type->id())) {
    return fixed_width_bytes(rows, value.type->bit_width());
  }
  std::int64_t bytes = fixed_width_bytes(rows + 1, 64);
  if (arrow::is_base_binary_like(value.type->id()) && value.is_valid) {
    bytes += buffer_bytes(rows * static_cast<const arrow::BaseBinaryScalar&>(value).value->size());
  }
  return bytes;
}

}  // namespace

const std::shared_ptr<arrow::DataType>& BoundExpr::type() const { return state_->type; }
const std::vector<std::string>& BoundExpr::columns() const { return state_->columns; }
bool BoundExpr::is_column() const {
  return state_->steps.empty() && state_->compiled.field_ref() != nullptr;
}

std::shared_ptr<arrow::Field> BoundExpr::field(const std::string& name) const {
  return is_column() ? state_->inputs[0]->WithName(name) : arrow::field(name, state_->type);
}

std::int64_t BoundExpr::peak_bytes(const arrow::RecordBatch& batch) const {
  if (is_column()) return 0;
  if (state_->compiled.literal()) return broadcast_bytes(state_->compiled, batch.num_rows());
  Result<cp::ExecBatch> input = state_->select(batch);
  if (!input) return 0;
  std::int64_t held = 0;  // results of steps
  std::int64_t peak = 0;
  for (const ExprStep& step : state_->steps) {
    const std::int64_t bytes = step.bytes(batch.num_rows());
    peak = std::max(peak, held + evaluation_bytes(step.argument, *input) +
                              constant_bytes(step.argument, batch.num_rows()) + bytes);
    held += bytes;
    input->values.emplace_back(arrow::MakeNullScalar(step.type));  // of which only the type counts
  }
  return std::max(peak, held + evaluation_bytes(state_->compiled, *input));
}

Result<std::shared_ptr<arrow::Array>> BoundExpr::evaluate(const arrow::RecordBatch& batch,
                                                          arrow::MemoryPool* pool) const {
  POLARWAY_TRY(cp::ExecBatch input, state_->select(batch));
  if (is_column()) return input.values[0].make_array();
  for (const ExprStep& step : state_->steps) {
    const auto argument = execute(step.argument, input, pool);
    if (!argument.ok()) {
      return fail(evaluation_error(to_source_error(argument.status()), state_->source));
    }
    Result<std::shared_ptr<arrow::Array>> result = step.apply(**argument, pool);
    if (!result) return fail(evaluation_error(std::move(result.error()), state_->source));
    input.values.emplace_back(*std::move(result));
  }
  const auto result = execute(state_->compiled, input, pool);
  if (!result.ok()) return fail(evaluation_error(to_source_error(result.status()), state_->source));
  return *result;
}

Result<BoundExpr> bind(const Expr& expr, const arrow::Schema& schema) {
  POLARWAY_CHECK(initialize_arrow());
  if (expr.node().depth > kMaxExprDepth) {
    return fail({.kind = ErrorKind::Config,
                 .message = "the expression is nested more than " + std::to_string(kMaxExprDepth) +
                            " levels deep"});
  }
  auto state = std::make_shared<BoundExpr::State>(expr);
  POLARWAY_TRY(state->inputs, find_columns(state->columns, schema));
  const arrow::Schema inputs(state->inputs);
  POLARWAY_TRY(const TypedExpr typed, compile(expr.node(), inputs, state->steps));
  arrow::FieldVector fields = state->inputs;
  for (const ExprStep& step : state->steps) fields.push_back(arrow::field("", step.type));
  auto compiled = typed.expression.Bind(arrow::Schema(std::move(fields)));
  if (!compiled.ok()) {
    return fail({.kind = ErrorKind::Config,
                 .message = to_source_error(compiled.status()).message + " in " +
                            shorten(expr.to_string(), 80)});
  }
  state->compiled = *std::move(compiled);
  state->type = typed.type;
  return BoundExpr(std::move(state));
}

Result<BoundExpr> bind_predicate(const Expr& predicate, const arrow::Schema& schema) {
  POLARWAY_TRY(const BoundExpr bound, bind(predicate, schema));
  if (bound.type()->id() == arrow::Type::BOOL) return bound;
  if (bound.type()->id() == arrow::Type::NA) return bind(predicate == null(), schema);
  return fail({.kind = ErrorKind::Config,
               .message = "a filter must be true or false, and " +
                          shorten(predicate.to_string(), 80) + " is of type " +
                          DataType(bound.type()).to_string()});
}

Result<BoundSelection> bind_selection(std::span<const Expr> exprs, const arrow::Schema& schema) {
  BoundSelection selection;
  std::unordered_set<std::string> taken;
  for (const Expr& expr : exprs) {
    POLARWAY_TRY(BoundExpr bound, bind(expr, schema));
    selection.columns.push_back(std::move(bound));
    if (const auto [name, is_new] = taken.insert(expr.output_name()); !is_new) {
      return fail({.kind = ErrorKind::Config,
                   .message = "two columns of the result are named " + shorten(*name),
                   .hint = "name one of them: EXPR as NAME"});
    }
    selection.names.push_back(expr.output_name());
  }
  return selection;
}

}  // namespace polarway
