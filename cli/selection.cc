#include "selection.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace polarway::cli {

namespace {

bool is_plain_column(const Expr& expr) {
  const std::vector<std::string> columns = expr.columns();
  return columns.size() == 1 && expr.to_string() == col(columns[0]).to_string();
}

// The columns that the expressions read, each once, in order of appearance.
std::vector<std::string> columns_of(const std::vector<Expr>& exprs) {
  std::vector<std::string> all;
  std::unordered_set<std::string> seen;
  for (const Expr& expr : exprs) {
    for (std::string& name : expr.columns()) {
      if (seen.insert(name).second) all.push_back(std::move(name));
    }
  }
  return all;
}

}  // namespace

Result<Selection> Selection::parse(const std::string& where, const std::string& select) {
  Selection selection;
  if (!where.empty()) {
    POLARWAY_TRY(Expr predicate, parse_expr(where));
    selection.where_.push_back(std::move(predicate));
  }
  if (!select.empty()) {
    POLARWAY_TRY(selection.selected_, parse_exprs(select));
    // A column that is selected twice is left to select(), which knows what to say.
    selection.is_computed_ =
        !std::all_of(selection.selected_.begin(), selection.selected_.end(), is_plain_column) ||
        columns_of(selection.selected_).size() != selection.selected_.size();
  }
  return selection;
}

void Selection::push_down(SourceConfig& config) const {
  for (const Expr& predicate : where_) config.with_filter(predicate);
  if (!selected_.empty()) config.with_columns(columns_of(selected_));
}

Result<Schema> Selection::schema(const Schema& source) const {
  if (!is_computed_) return source;
  auto empty = arrow::RecordBatch::MakeEmpty(source.arrow());
  if (!empty.ok()) {
    return fail({.kind = ErrorKind::Schema, .message = empty.status().message()});
  }
  POLARWAY_TRY(DataFrame nothing, apply(DataFrame(*std::move(empty))));
  return nothing.schema();
}

Result<DataFrame> Selection::apply(DataFrame chunk) const {
  if (!is_computed_) return chunk;
  return chunk.lazy().select(selected_).collect();
}

}  // namespace polarway::cli
