#include "formats/json/table_columns.h"

#include <arrow/type.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "core/quoted_text.h"
#include "formats/json/nested_columns.h"
#include "formats/json/scalar_columns.h"
#include "formats/json/text_column.h"

namespace polarway::json {
namespace {

class Columns {
 public:
  Columns(std::int64_t num_records, const JsonOptions& options, const Schema& known)
      : num_records_(num_records), options_(options), known_(known) {}

  void add(std::string name, std::vector<std::string> path, const TypeGuess& guess) {
    const DataType* const pinned = pinned_type(name);
    if (pinned == nullptr && options_.flatten && guess.is_object() && guess.has_seen_value() &&
        !path.empty()) {
      add_children(name + options_.separator, path, guess);
      return;
    }
    TableColumn column{.name = std::move(name),
                       .path = std::move(path),
                       .guess = pinned == nullptr ? &guess : nullptr,
                       .is_seen = pinned != nullptr || guess.has_seen_value(),
                       .bytes_per_row = guess.bytes_per_row(num_records_)};
    if (pinned != nullptr) {
      column.type = *pinned;
    } else if (column.is_seen) {
      column.type = guess.type();
    }
    columns_.push_back(std::move(column));
  }

  void add_children(const std::string& prefix, const std::vector<std::string>& path,
                    const TypeGuess& guess) {
    for (const auto& child : guess.children()) {
      std::vector<std::string> child_path = path;
      child_path.push_back(child->name);
      add(prefix + child->name, std::move(child_path), child->guess);
    }
  }

  // Those that no record of the sample has.
  void add_unseen(const Schema& schema) {
    std::unordered_set<std::string> there;
    for (const TableColumn& column : columns_) there.insert(column.name);
    for (const std::string& name : schema.names()) {
      if (!there.insert(name).second) continue;
      if (options_.on_schema_change == SchemaChange::Rescue && name == kRescuedColumn) continue;
      constexpr double kGuessed = 16;
      columns_.push_back({.name = name,
                          .path = path_of(name),
                          .type = *pinned_type(name),
                          .is_seen = true,
                          .bytes_per_row = kGuessed});
    }
  }

  std::vector<TableColumn> take() { return std::move(columns_); }

 private:
  const DataType* pinned_type(const std::string& name) {
    for (const Schema* schema : {options_.schema_overrides ? &*options_.schema_overrides : nullptr,
                                 options_.schema ? &*options_.schema : nullptr, &known_}) {
      const int at = schema == nullptr ? -1 : schema->index_of(name);
      if (at < 0) continue;
      pinned_ = schema->field(at).type;
      return &pinned_;
    }
    return nullptr;
  }

  std::vector<std::string> path_of(const std::string& name) const {
    std::vector<std::string> path;
    std::size_t begin = 0;
    if (options_.flatten && !options_.separator.empty()) {
      for (std::size_t end = name.find(options_.separator); end != std::string::npos;
           end = name.find(options_.separator, begin)) {
        path.push_back(name.substr(begin, end - begin));
        begin = end + options_.separator.size();
      }
    }
    path.push_back(name.substr(begin));
    return path;
  }

  std::int64_t num_records_;
  const JsonOptions& options_;
  const Schema& known_;
  DataType pinned_ = DataType::String;
  std::vector<TableColumn> columns_;
};

}  // namespace

Result<std::vector<TableColumn>> table_columns(const TypeGuess& root, std::int64_t num_records,
                                               Layout layout, const JsonOptions& options,
                                               const Schema& known) {
  Columns columns(num_records, options, known);
  const bool are_objects = layout == Layout::Array ? root.is_object() : root.has_seen_object();
  if (are_objects || !root.has_seen_value()) {
    columns.add_children("", {}, root);
    if (options.schema) columns.add_unseen(*options.schema);
    if (options.schema_overrides) columns.add_unseen(*options.schema_overrides);
    columns.add_unseen(known);
  } else {
    columns.add(kValueColumn, {}, root);
  }
  std::vector<TableColumn> made = columns.take();
  std::unordered_set<std::string_view> names;
  for (const TableColumn& column : made) {
    if (names.insert(column.name).second) continue;
    return fail({.kind = ErrorKind::Config,
                 .where = {.column = column.name},
                 .message = "two columns are called " + shorten(column.name),
                 .hint = "choose another separator, or leave out flatten"});
  }
  return made;
}

Result<std::unique_ptr<JsonColumn>> make_column(const DataType& type, const TypeGuess* guess,
                                                ColumnContext& context) {
  const std::shared_ptr<arrow::DataType>& arrow_type = type.arrow();
  switch (arrow_type->id()) {
    case arrow::Type::NA:
    case arrow::Type::STRING:
      return std::make_unique<TextColumn>(guess == nullptr || guess->is_mixed(), context);
    case arrow::Type::STRUCT: {
      auto column = std::make_unique<StructColumn>(context);
      for (const auto& field : arrow_type->fields()) {
        if (column->find(field->name()) != nullptr) {
          return fail({.kind = ErrorKind::Config,
                       .message = "an object has the field " + shorten(field->name()) + " twice",
                       .hint = "name each field once"});
        }
        POLARWAY_TRY(auto child,
                     make_column(DataType(field->type()),
                                 guess ? guess->child(field->name()) : nullptr, context));
        column->add(field->name(), field->type(), std::move(child));
      }
      return column;
    }
    case arrow::Type::LIST: {
      const std::shared_ptr<arrow::Field>& element = arrow_type->field(0);
      POLARWAY_TRY(auto elements, make_column(DataType(element->type()),
                                              guess ? guess->element() : nullptr, context));
      return std::make_unique<ListColumn>(element, std::move(elements), context);
    }
    default:
      break;
  }
  if (auto column = make_fixed_column(arrow_type, context)) return column;
  return fail({.kind = ErrorKind::Config,
               .message = "the type " + arrow_type->ToString() + " cannot be read from JSON",
               .hint = "use bool, an integer, float32, float64, decimal, date, time, timestamp, "
                       "string, list or struct"});
}

}  // namespace polarway::json
