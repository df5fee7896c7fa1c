#include "formats/parquet/group_filter.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <map>
#include <utility>

#include "formats/parquet/bloom_filter.h"
#include "frame/bound_expr.h"

namespace polarway::pq {
namespace {

bool is_float(const arrow::DataType& type) {
  return type.id() == arrow::Type::FLOAT || type.id() == arrow::Type::DOUBLE;
}

// Where a comparison with these bounds fails, as it then does for all values on that side of them.
void drop_failing(const ExprNode& column, ExprOp op, const ExprNode& literal,
                  const ColumnZones& zones, const arrow::RecordBatch& bounds,
                  arrow::MemoryPool* pool, std::vector<bool>& may_be_true) {
  const auto node = std::make_shared<ExprNode>(
      op, std::vector<ExprTree>{column.shared_from_this(), literal.shared_from_this()});
  const auto predicate = bind_predicate(Expr(node), *bounds.schema());
  if (!predicate) return;
  const auto array = predicate->evaluate(bounds, pool);
  if (!array) return;
  const auto& values = static_cast<const arrow::BooleanArray&>(**array);
  for (std::size_t i = 0; i < zones.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    if (zones.has_bounds[i] && values.IsValid(row) && !values.Value(row)) may_be_true[i] = false;
  }
}

RowRanges rows_of(const ColumnZones& zones, const std::vector<bool>& chosen) {
  RowRanges rows;
  for (std::size_t i = 0; i < zones.size(); ++i) {
    if (chosen[i]) append(rows, {zones.begins[i], zones.begins[i + 1]});
  }
  return rows;
}

}  // namespace

class GroupFilter::Known {
 public:
  // Without a file: what the footer says.
  Known(const GroupFilter& filter, int group, RandomAccess* file, std::stop_token stop)
      : filter_(filter),
        group_(group),
        file_(file),
        stop_(std::move(stop)),
        all_({RowRange{0, filter.metadata_.RowGroup(group)->num_rows()}}) {}

  const RowRanges& all() const { return all_; }
  arrow::MemoryPool* pool() const { return filter_.budget_->arrow_pool(); }

  // Null where nothing is known of the column.
  const ColumnZones* zones(const std::string& name) {
    const auto [place, is_new] = zones_.try_emplace(name);
    const FileColumn* column = is_new ? find(name) : nullptr;
    if (column != nullptr) {
      place->second = file_ == nullptr ? zones_of_group(*column, filter_.metadata_, group_, pool())
                                       : zones_of_pages(*column, filter_.metadata_, group_, *file_,
                                                        filter_.budget_, stop_);
    }
    return place->second ? &*place->second : nullptr;
  }

  bool may_have(const std::string& name, const LiteralValue& value) {
    if (file_ == nullptr) return true;
    const auto [place, is_new] = blooms_.try_emplace(name);
    const FileColumn* column = is_new ? find(name) : nullptr;
    if (column != nullptr) {
      place->second =
          BloomFilter::read(*column, filter_.metadata_, group_, *file_, *filter_.budget_, stop_);
    }
    return !place->second || place->second->may_have(value);
  }

 private:
  const FileColumn* find(const std::string& name) const {
    const auto found = std::find_if(filter_.columns_.begin(), filter_.columns_.end(),
                                    [&](const FileColumn& column) { return column.name == name; });
    return found == filter_.columns_.end() ? nullptr : &*found;
  }

  const GroupFilter& filter_;
  int group_;
  RandomAccess* file_;
  std::stop_token stop_;
  RowRanges all_;
  std::map<std::string, std::optional<ColumnZones>> zones_;
  std::map<std::string, std::optional<BloomFilter>> blooms_;
};

bool GroupFilter::may_pass(int group) const {
  Known known(*this, group, nullptr, {});
  return !passing(filter_.node(), known).empty();
}

RowRanges GroupFilter::rows(int group, RandomAccess& file, std::stop_token stop) const {
  Known known(*this, group, &file, std::move(stop));
  return passing(filter_.node(), known);
}

RowRanges GroupFilter::comparing(const ExprNode& left, ExprOp op, const ExprNode& right,
                                 Known& known) const {
  if (left.op == ExprOp::Literal && right.op == ExprOp::Column) {
    return comparing(right, mirrored(op), left, known);
  }
  if (left.op != ExprOp::Column || right.op != ExprOp::Literal) return known.all();
  RowRanges rows = known.all();
  if (const ColumnZones* zones = known.zones(left.name)) {
    std::vector<bool> may_be_true = zones->has_value;
    const auto drop = [&](ExprOp compare, const std::shared_ptr<arrow::RecordBatch>& bounds) {
      if (bounds == nullptr) return;
      drop_failing(left, compare, right, *zones, *bounds, known.pool(), may_be_true);
    };
    const bool floats = zones->least != nullptr && is_float(*zones->least->column(0)->type());
    if (op == ExprOp::Less || op == ExprOp::LessEqual) drop(op, zones->least);
    if ((op == ExprOp::Greater || op == ExprOp::GreaterEqual) && !floats) drop(op, zones->largest);
    if (op == ExprOp::Equal && !floats) {
      drop(ExprOp::LessEqual, zones->least);
      drop(ExprOp::GreaterEqual, zones->largest);
    }
    rows = rows_of(*zones, may_be_true);
  }
  if (op == ExprOp::Equal && !rows.empty() && !known.may_have(left.name, right.value)) return {};
  return rows;
}

RowRanges GroupFilter::passing(const ExprNode& node, Known& known) const {
  const auto child = [&](std::size_t i) -> const ExprNode& { return *node.children[i]; };
  const auto zones_of_child = [&]() -> const ColumnZones* {
    return child(0).op == ExprOp::Column ? known.zones(child(0).name) : nullptr;
  };
  switch (node.op) {
    case ExprOp::And: {
      RowRanges rows = known.all();
      for (const ExprTree& part : node.children) {
        if (rows.empty()) break;
        rows = intersection(rows, passing(*part, known));
      }
      return rows;
    }
    case ExprOp::Or: {
      RowRanges rows;
      for (const ExprTree& part : node.children) {
        if (rows == known.all()) break;
        rows = unite(rows, passing(*part, known));
      }
      return rows;
    }
    case ExprOp::IsNull: {
      const ColumnZones* zones = zones_of_child();
      return zones != nullptr ? rows_of(*zones, zones->has_null) : known.all();
    }
    case ExprOp::IsNotNull: {
      const ColumnZones* zones = zones_of_child();
      return zones != nullptr ? rows_of(*zones, zones->has_value) : known.all();
    }
    case ExprOp::Between:
      return intersection(comparing(child(0), ExprOp::GreaterEqual, child(1), known),
                          comparing(child(0), ExprOp::LessEqual, child(2), known));
    case ExprOp::IsIn: {
      RowRanges rows;
      for (std::size_t i = 1; i < node.children.size() && rows != known.all(); ++i) {
        rows = unite(rows, comparing(child(0), ExprOp::Equal, child(i), known));
      }
      return rows;
    }
    default:
      if (!is_comparison(node.op)) return known.all();
      return comparing(child(0), node.op, child(1), known);
  }
}

}  // namespace polarway::pq
