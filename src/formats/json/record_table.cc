#include "formats/json/record_table.h"

#include <arrow/array/data.h>
#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/quoted_text.h"
#include "formats/json/scalar_columns.h"

namespace polarway::json {
namespace {

// No rows of objects, for the levels above flattened columns.
const std::shared_ptr<arrow::DataType>& no_type() {
  static const std::shared_ptr<arrow::DataType> type = arrow::struct_({});
  return type;
}

}  // namespace

Result<std::unique_ptr<RecordTable>> RecordTable::make(const std::vector<TableColumn>& columns,
                                                       const std::vector<std::string>& wanted,
                                                       const JsonOptions& options,
                                                       arrow::MemoryPool* pool) {
  std::unique_ptr<RecordTable> table(new RecordTable(pool));
  table->context_.max_depth = options.max_depth;
  table->context_.duplicate_keys = options.duplicate_keys;
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < wanted.size(); ++i) places.emplace(wanted[i], i);
  table->wanted_.resize(wanted.size());
  arrow::FieldVector fields(wanted.size());
  const bool are_objects = columns.size() != 1 || !columns[0].path.empty();
  if (are_objects) {
    auto root = std::make_unique<StructColumn>(table->context_);
    table->objects_ = root.get();
    table->root_ = std::move(root);
  }
  for (const TableColumn& column : columns) {
    const auto place = places.find(column.name);
    std::unique_ptr<JsonColumn> made;
    if (place == places.end()) {
      made = make_skipped_column(table->context_);
    } else {
      Result<std::unique_ptr<JsonColumn>> real =
          make_column(column.type, column.guess, table->context_);
      if (!real) {
        real.error().where.column = column.name;
        return fail(std::move(real.error()));
      }
      made = *std::move(real);
      table->wanted_[place->second] = made.get();
      fields[place->second] = arrow::field(column.name, column.type.arrow());
    }
    POLARWAY_CHECK(table->add_column(column, std::move(made)));
  }
  table->schema_ = arrow::schema(std::move(fields));
  return table;
}

// Where its path leads to.
Result<void> RecordTable::add_column(const TableColumn& column, std::unique_ptr<JsonColumn> made) {
  if (column.path.empty()) {
    root_ = std::move(made);
    return {};
  }
  StructColumn* within = objects_;
  for (std::size_t i = 0; i + 1 < column.path.size() && within != nullptr; ++i) {
    JsonColumn* next = within->find(column.path[i]);
    if (next == nullptr) {
      auto level = std::make_unique<StructColumn>(context_);
      next = level.get();
      within->add(column.path[i], no_type(), std::move(level));
    }
    within = dynamic_cast<StructColumn*>(next);
  }
  if (within == nullptr || within->find(column.path.back()) != nullptr) {
    return fail({.kind = ErrorKind::Config,
                 .where = {.column = column.name},
                 .message = "a column is within another one",
                 .hint = "choose another separator, or name one of them in schema"});
  }
  within->add(column.path.back(), column.type.arrow(), std::move(made));
  return {};
}

void RecordTable::start(std::int64_t max_rows, std::int64_t max_bytes) {
  // What the last chunk grew to may be more than there is now.
  if (max_rows < last_max_rows_ || max_bytes < last_max_bytes_) root_->forget_size();
  last_max_rows_ = max_rows;
  last_max_bytes_ = max_bytes;
  context_.room.start(max_bytes);
}

RecordTable::Added RecordTable::add(std::string_view record, RecordParser& parser) {
  const Added added = try_to_add(record, parser);
  if (added != Added::NoRoom || root_->length() > 0) return added;
  // Columns that expect to grow as large as the last time may have left nothing for the others.
  root_->forget_size();
  context_.room.start(last_max_bytes_);
  return try_to_add(record, parser);
}

RecordTable::Added RecordTable::try_to_add(std::string_view record, RecordParser& parser) {
  const std::int64_t row = root_->length();
  context_.text_end = record.data() + record.size();
  const bool is_good = parser.parse(record, context_.trouble, [&](auto value) {
    if constexpr (std::is_same_v<decltype(value), ondemand::object>) {
      return root_->append_object(value, record.data());
    } else if constexpr (std::is_same_v<decltype(value), ondemand::array>) {
      return root_->append_array(value, record.data());
    } else {
      return root_->append_token(value);
    }
  });
  if (is_good && !context_.room.is_over()) return Added::Row;
  if (is_good) needed_bytes_ = root_->bytes();
  root_->truncate(row);
  context_.room.retry();
  return is_good ? Added::NoRoom : Added::Trouble;
}

Result<std::shared_ptr<arrow::RecordBatch>> RecordTable::finish() {
  const std::int64_t num_rows = root_->length();
  std::vector<std::shared_ptr<arrow::ArrayData>> columns;
  for (JsonColumn* column : wanted_) {
    POLARWAY_TRY(auto data, column->finish());
    columns.push_back(std::move(data));
  }
  // The others have nothing but their number of rows.
  root_->truncate(0);
  return arrow::RecordBatch::Make(schema_, num_rows, std::move(columns));
}

}  // namespace polarway::json
