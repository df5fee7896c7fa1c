#include "sources/path_columns.h"

#include <arrow/array/array_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/quoted_text.h"
#include "core/utf8.h"
#include "frame/expr_node.h"
#include "frame/filter_batch.h"
#include "frame/iso_time.h"
#include "sources/hive_path.h"

namespace polarway {
namespace {

std::vector<std::string> keys_of(const std::vector<HivePart>& parts) {
  std::vector<std::string> keys;
  for (const HivePart& part : parts) keys.push_back(part.key);
  return keys;
}

SourceError not_utf8(const std::string& path, std::string what, std::string hint) {
  return {.kind = ErrorKind::Schema,
          .where = {.location = path},
          .message = std::move(what) + " is not UTF-8, so that no column can hold it",
          .hint = std::move(hint)};
}

// The value in its column's type, which has been found to hold it.
FileValue typed(std::optional<std::string> text, arrow::Type::type type) {
  if (!text) return std::nullopt;
  if (type == arrow::Type::INT64) {
    std::int64_t value = 0;
    std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
  }
  if (type == arrow::Type::DATE32) return parse_iso_time(*text)->days;
  return *std::move(text);
}

void split_conjunction(const ExprNode& node, std::vector<Expr>& parts) {
  if (node.op != ExprOp::And) {
    parts.emplace_back(node.shared_from_this());
    return;
  }
  for (const ExprTree& child : node.children) split_conjunction(*child, parts);
}

}  // namespace

Result<PathColumns> PathColumns::find(const FileList& files, const FileOptions& options) {
  PathColumns columns;
  std::vector<HiveType> types;
  if (options.hive_partitioning != HivePartitioning::Off) {
    for (std::int64_t i = 0; i < files.size(); ++i) {
      const std::string path = files.path(i);
      const std::vector<HivePart> parts = hive_parts(path);
      if (i == 0) {
        columns.keys_ = keys_of(parts);
        types.resize(parts.size());
      } else if (keys_of(parts) != columns.keys_) {
        if (options.hive_partitioning == HivePartitioning::Auto) {
          columns.keys_.clear();
          break;
        }
        return fail(
            {.kind = ErrorKind::Config,
             .where = {.location = path},
             .message = "its folders have not the same keys as those of " + shorten(files.path(0)),
             .hint = "read them as several sources, or set hive_partitioning=false"});
      }
      for (std::size_t k = 0; k < parts.size(); ++k) types[k].see(parts[k].value);
    }
  }
  for (std::size_t k = 0; k < columns.keys_.size(); ++k) {
    columns.fields_.push_back(arrow::field(columns.keys_[k], types[k].type().arrow()));
  }
  columns.has_path_ = options.include_file_paths.has_value();
  if (columns.has_path_) {
    columns.fields_.push_back(arrow::field(*options.include_file_paths, arrow::utf8()));
  }
  return columns;
}

Result<std::vector<FileValue>> PathColumns::values_of(const std::string& path) const {
  std::vector<FileValue> values;
  if (!keys_.empty()) {
    for (HivePart& part : hive_parts(path)) {
      if (!is_utf8(part.key) || !is_utf8(part.value.value_or(""))) {
        return fail(not_utf8(path, "the folder of key " + shorten(part.key),
                             "rename it, or set hive_partitioning=false"));
      }
      const arrow::Type::type type = fields_[values.size()]->type()->id();
      values.push_back(typed(std::move(part.value), type));
    }
  }
  if (has_path_) {
    if (!is_utf8(path)) {
      return fail(not_utf8(path, "the path", "rename it, or leave out include_file_paths"));
    }
    values.emplace_back(path);
  }
  return values;
}

PathFilter::PathFilter(const std::optional<Expr>& filter, const arrow::FieldVector& fields)
    : fields_(fields) {
  if (!filter || fields.empty()) return;
  split_conjunction(filter->node(), parts_);
  std::erase_if(parts_, [&](const Expr& part) {
    const std::vector<std::string> names = part.columns();
    return names.empty() || !std::all_of(names.begin(), names.end(), [&](const auto& name) {
             return std::any_of(fields.begin(), fields.end(),
                                [&](const auto& field) { return field->name() == name; });
           });
  });
}

bool PathFilter::may_pass(const std::vector<FileValue>& values, arrow::MemoryPool* pool) const {
  if (parts_.empty()) return true;
  arrow::ArrayVector arrays;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    auto array = repeated(values[i], fields_[i]->type(), 1, pool);
    if (!array) return true;
    arrays.push_back(*std::move(array));
  }
  const auto schema = arrow::schema(fields_);
  const auto row = arrow::RecordBatch::Make(schema, 1, std::move(arrays));
  return std::all_of(parts_.begin(), parts_.end(), [&](const Expr& part) {
    const auto predicate = bind_predicate(part, *schema);
    if (!predicate) return true;
    const auto kept = kept_rows(*row, *predicate, pool);
    return !kept || kept->count > 0;
  });
}

}  // namespace polarway
