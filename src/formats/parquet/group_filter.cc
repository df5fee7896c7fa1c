#include "formats/parquet/group_filter.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/statistics.h>

#include <algorithm>
#include <utility>

#include "formats/parquet/column_kind.h"
#include "formats/parquet/page_reader.h"
#include "formats/parquet/parquet_call.h"
#include "frame/bound_expr.h"
#include "frame/expr_node.h"

namespace polarway::pq {
namespace {

bool is_float(const arrow::DataType& type) {
  return type.id() == arrow::Type::FLOAT || type.id() == arrow::Type::DOUBLE;
}

template <class Builder>
std::shared_ptr<arrow::Array> text_bounds(const ::parquet::EncodedStatistics& statistics,
                                          arrow::MemoryPool* pool) {
  Builder builder(pool);
  std::shared_ptr<arrow::Array> made;
  const bool is_made = builder.Append(statistics.min()).ok() &&
                       builder.Append(statistics.max()).ok() && builder.Finish(&made).ok();
  return is_made ? made : nullptr;
}

// Least and largest value as a column of two rows; null where there are none that can be relied on.
std::shared_ptr<arrow::Array> bounds_of(const ::parquet::ColumnDescriptor& leaf,
                                        const std::shared_ptr<arrow::DataType>& type,
                                        const ::parquet::EncodedStatistics& statistics,
                                        arrow::MemoryPool* pool) {
  if (!statistics.has_min || !statistics.has_max) return nullptr;
  switch (leaf.physical_type()) {
    case ::parquet::Type::BYTE_ARRAY:
      if (type->id() == arrow::Type::STRING) {
        return text_bounds<arrow::StringBuilder>(statistics, pool);
      }
      if (type->id() == arrow::Type::BINARY) {
        return text_bounds<arrow::BinaryBuilder>(statistics, pool);
      }
      return nullptr;
    case ::parquet::Type::INT32:
    case ::parquet::Type::INT64:
    case ::parquet::Type::FLOAT:
    case ::parquet::Type::DOUBLE:
      break;
    default:
      return nullptr;
  }
  const std::unique_ptr<ValueColumn> column = make_value_column(leaf, type, pool);
  const std::size_t width = leaf.physical_type() == ::parquet::Type::INT32 ||
                                    leaf.physical_type() == ::parquet::Type::FLOAT
                                ? 4
                                : 8;
  if (column == nullptr || statistics.min().size() != width || statistics.max().size() != width) {
    return nullptr;
  }
  std::string stored = statistics.min() + statistics.max();
  const std::size_t size = stored.size();
  stored.append(PageBytes::kPadding, '\0');
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(stored.data()), size);
  if (!column->start(2) || !column->set_values(::parquet::Encoding::PLAIN, bytes, 2) ||
      !column->append({.count = 2, .num_valid = 2}, 0)) {
    return nullptr;
  }
  return column->finish().value_or(nullptr);
}

// Whether a comparison holds for the least value (row 0) or the largest (row 1).
bool holds(const ExprNode& column, ExprOp op, const ExprNode& literal,
           const arrow::RecordBatch& bounds, std::int64_t row, arrow::MemoryPool* pool) {
  const auto node = std::make_shared<ExprNode>(
      op, std::vector<ExprTree>{column.shared_from_this(), literal.shared_from_this()});
  const auto predicate = bind_predicate(Expr(node), *bounds.schema());
  if (!predicate) return true;
  const auto values = predicate->evaluate(bounds, pool);
  if (!values || (*values)->IsNull(row)) return true;
  return static_cast<const arrow::BooleanArray&>(**values).Value(row);
}

}  // namespace

GroupFilter::Known GroupFilter::known_of(const std::string& name, int group) const {
  const auto found = std::find_if(columns_.begin(), columns_.end(),
                                  [&](const FileColumn& column) { return column.name == name; });
  if (found == columns_.end() || found->leaves.size() != 1) return {};
  if (!found->type->Equals(*found->file_type)) return {};
  const auto known = parquet_call([&]() -> Known {
    const int leaf = found->leaves.front();
    const ::parquet::ColumnDescriptor& descriptor = *metadata_.schema()->Column(leaf);
    const auto chunk = metadata_.RowGroup(group)->ColumnChunk(leaf);
    if (!is_flat(descriptor) || !chunk->is_stats_set()) return {};
    const auto statistics = chunk->encoded_statistics();
    if (statistics == nullptr) return {};
    Known made;
    if (statistics->has_null_count) {
      made.has_null = statistics->null_count != 0;
      made.has_value = statistics->null_count < chunk->num_values();
    }
    const auto bounds = bounds_of(descriptor, found->type, *statistics, pool_);
    if (bounds != nullptr) {
      made.bounds = arrow::RecordBatch::Make(
          arrow::schema({arrow::field(found->name, found->type)}), 2, {bounds});
    }
    return made;
  });
  return known.value_or(Known());
}

bool GroupFilter::may_pass(int group) const { return may_be_true(filter_.node(), group); }

bool GroupFilter::may_compare(const ExprNode& left, ExprOp op, const ExprNode& right,
                              int group) const {
  if (left.op == ExprOp::Literal && right.op == ExprOp::Column) {
    return may_compare(right, mirrored(op), left, group);
  }
  if (left.op != ExprOp::Column || right.op != ExprOp::Literal) return true;
  const Known known = known_of(left.name, group);
  if (!known.has_value) return false;
  if (known.bounds == nullptr) return true;
  const bool floats = is_float(*known.bounds->column(0)->type());
  switch (op) {
    case ExprOp::Less:
    case ExprOp::LessEqual:
      return holds(left, op, right, *known.bounds, 0, pool_);
    case ExprOp::Greater:
    case ExprOp::GreaterEqual:
      return floats || holds(left, op, right, *known.bounds, 1, pool_);
    case ExprOp::Equal:
      return floats || (holds(left, ExprOp::LessEqual, right, *known.bounds, 0, pool_) &&
                        holds(left, ExprOp::GreaterEqual, right, *known.bounds, 1, pool_));
    default:
      return true;
  }
}

bool GroupFilter::may_be_true(const ExprNode& node, int group) const {
  const auto child = [&](std::size_t i) -> const ExprNode& { return *node.children[i]; };
  const auto may = [&](const ExprTree& part) { return may_be_true(*part, group); };
  switch (node.op) {
    case ExprOp::And:
      return std::all_of(node.children.begin(), node.children.end(), may);
    case ExprOp::Or:
      return std::any_of(node.children.begin(), node.children.end(), may);
    case ExprOp::IsNull:
      return child(0).op != ExprOp::Column || known_of(child(0).name, group).has_null;
    case ExprOp::IsNotNull:
      return child(0).op != ExprOp::Column || known_of(child(0).name, group).has_value;
    case ExprOp::Between:
      return may_compare(child(0), ExprOp::GreaterEqual, child(1), group) &&
             may_compare(child(0), ExprOp::LessEqual, child(2), group);
    case ExprOp::IsIn:
      return std::any_of(node.children.begin() + 1, node.children.end(),
                         [&](const ExprTree& value) {
                           return may_compare(child(0), ExprOp::Equal, *value, group);
                         });
    default:
      return !is_comparison(node.op) || may_compare(child(0), node.op, child(1), group);
  }
}

}  // namespace polarway::pq
