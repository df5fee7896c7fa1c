#include "formats/json/record_table.h"

#include <arrow/array/data.h>
#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/json_text.h"
#include "core/quoted_text.h"
#include "formats/json/characters.h"
#include "formats/json/json_options.h"
#include "formats/json/scalar_columns.h"

namespace polarway::json {
namespace {

// No rows of objects, for the levels above flattened columns.
const std::shared_ptr<arrow::DataType>& no_type() {
  static const std::shared_ptr<arrow::DataType> type = arrow::struct_({});
  return type;
}

// How many objects and lists values of a type may be within, their own included.
std::int64_t depth_of(const arrow::DataType& type) {
  std::int64_t depth = 0;
  for (const auto& field : type.fields()) depth = std::max(depth, depth_of(*field->type()));
  return arrow::is_nested(type.id()) ? depth + 1 : depth;
}

const char* behind_blanks(const char* at, const char* end) {
  while (at < end && is_blank(static_cast<std::uint8_t>(*at))) ++at;
  return at;
}

// Where the next line begins, if there are only blanks before.
const char* behind_line(const char* at, const char* end) {
  while (at < end && *at != '\n' && is_blank(static_cast<std::uint8_t>(*at))) ++at;
  return at < end && *at == '\n' ? at + 1 : nullptr;
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
  table->rescues_ = options.on_schema_change == SchemaChange::Rescue;
  const auto rescued = table->rescues_ ? places.find(kRescuedColumn) : places.end();
  if (rescued != places.end()) {
    table->rescued_ = std::make_unique<TextColumn>(false, table->context_);
    table->rescued_values_ = RescuedValues(table->rescued_.get());
    table->wanted_[rescued->second] = table->rescued_.get();
    fields[rescued->second] = arrow::field(kRescuedColumn, arrow::utf8());
  }
  const bool are_objects = columns.size() != 1 || !columns[0].path.empty();
  if (are_objects) {
    auto root = std::make_unique<StructColumn>(table->context_);
    root->hold_table_columns("");
    table->objects_ = root.get();
    table->root_ = std::move(root);
  }
  const std::int64_t around = options.records_path ? std::ssize(options.records_path->names) : 0;
  for (const TableColumn& column : columns) {
    const std::int64_t depth = std::ssize(column.path) + depth_of(*column.type.arrow());
    if (around + 1 + depth > options.max_depth) table->may_be_too_deep_ = true;
    const auto place = places.find(column.name);
    std::unique_ptr<JsonColumn> made;
    // What is rescued does not depend on which other columns are wanted.
    if (place == places.end() && !table->rescued_) {
      made = make_skipped_column(table->context_);
    } else {
      Result<std::unique_ptr<JsonColumn>> real =
          make_column(column.type, column.guess, table->context_);
      if (!real) {
        real.error().where.column = column.name;
        return fail(std::move(real.error()));
      }
      made = *std::move(real);
      if (place != places.end()) {
        table->wanted_[place->second] = made.get();
        fields[place->second] = arrow::field(column.name, column.type.arrow());
      }
    }
    POLARWAY_CHECK(table->add_column(column, options.separator, std::move(made)));
  }
  table->schema_ = arrow::schema(std::move(fields));
  return table;
}

// Where its path leads to.
Result<void> RecordTable::add_column(const TableColumn& column, const std::string& separator,
                                     std::unique_ptr<JsonColumn> made) {
  if (column.path.empty()) {
    root_ = std::move(made);
    return {};
  }
  StructColumn* within = objects_;
  std::string prefix;
  for (std::size_t i = 0; i + 1 < column.path.size() && within != nullptr; ++i) {
    JsonColumn* next = within->find(column.path[i]);
    prefix += column.path[i] + separator;
    if (next == nullptr) {
      auto level = std::make_unique<StructColumn>(context_);
      level->hold_table_columns(std::string(within_quotes(to_line(Json(prefix)))));
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
  if (max_rows < last_max_rows_ || max_bytes < last_max_bytes_) forget_size();
  last_max_rows_ = max_rows;
  last_max_bytes_ = max_bytes;
  context_.room.start(max_bytes);
  was_full_ = false;
}

void RecordTable::clear() {
  truncate(0);
  context_.room.retry();
  if (!was_full_) return;
  // Some columns hold more than the next rows may need, and others will find no room.
  forget_size();
  start(last_max_rows_, last_max_bytes_);
}

bool RecordTable::try_to_append_rows(const RecordTable& other, std::int64_t begin,
                                     std::int64_t end) {
  const std::int64_t row = root_->length();
  const bool is_good = root_->append_rows(*other.root_, begin, end) &&
                       (!rescued_ || rescued_->append_rows(*other.rescued_, begin, end));
  if (!is_good) {
    truncate(row);
    context_.room.retry();
  }
  return is_good;
}

std::int64_t RecordTable::append_rows(const RecordTable& other, std::int64_t begin,
                                      std::int64_t end) {
  std::int64_t at = begin;
  for (std::int64_t num_rows = end - begin; num_rows > 0 && at < end;) {
    num_rows = std::min(num_rows, end - at);
    if (try_to_append_rows(other, at, at + num_rows)) {
      at += num_rows;
    } else {
      num_rows /= 2;
    }
  }
  return at - begin;
}

RecordTable::Added RecordTable::add(std::string_view record, RecordParser& parser) {
  const Added added = try_to_add(record, parser);
  if (added == Added::NoRoom) was_full_ = true;
  if (added != Added::NoRoom || root_->length() > 0) return added;
  // Columns that expect to grow as large as the last time may have left nothing for the others.
  forget_size();
  context_.room.start(last_max_bytes_);
  return try_to_add(record, parser);
}

void RecordTable::truncate(std::int64_t num_rows) {
  root_->truncate(num_rows);
  if (rescued_) rescued_->truncate(num_rows);
}

std::int64_t RecordTable::bytes() const {
  return root_->bytes() + (rescued_ ? rescued_->bytes() : 0);
}

void RecordTable::forget_size() {
  root_->forget_size();
  if (rescued_) rescued_->forget_size();
}

bool RecordTable::append(std::string_view record, RecordParser& parser) {
  return parser.parse(record, context_.trouble, [&](auto value) {
    if constexpr (std::is_same_v<decltype(value), ondemand::object>) {
      return root_->append_object(value, record.data());
    } else if constexpr (std::is_same_v<decltype(value), ondemand::array>) {
      return root_->append_array(value, record.data());
    } else {
      return root_->append_token(value);
    }
  });
}

// Whether a record is to be tried as one that is written as most are. Where records are not written
// so, that is rare.
bool RecordTable::tries_plain(char first) {
  if (objects_ == nullptr || first != '{') return false;
  if (num_passed_ == 0) return true;
  --num_passed_;
  return false;
}

// Ends that, at so many rows before. Of a record that is not written so nothing is appended.
bool RecordTable::settle_plain(bool is_plain, std::int64_t row) {
  constexpr std::int64_t kMostPassed = 1'000;
  if (is_plain && !context_.room.is_over()) [[likely]] {
    next_passed_ = 1;
    return true;
  }
  num_passed_ = next_passed_;
  next_passed_ = std::min(2 * next_passed_, kMostPassed);
  truncate(row);
  context_.room.retry();
  return false;
}

bool RecordTable::append_plain(std::string_view record) {
  if (!tries_plain(record.front())) return false;
  if (!is_utf8_ && !simdjson::validate_utf8(record.data(), record.size())) return false;
  const std::int64_t row = root_->length();
  const char* const end = record.data() + record.size();
  return settle_plain(objects_->append_plain(record.data(), end) == end, row);
}

// Appends the record that follows, and says where it ends; null where there is none, or one that is
// not written as most are.
const char* RecordTable::next_plain(const char* at, const char* end, Layout layout) {
  at = behind_blanks(at, end);
  if (layout == Layout::Array) {
    if (*at != ',') return nullptr;
    at = behind_blanks(at + 1, end);
  }
  if (at >= end || !tries_plain(*at)) return nullptr;
  const std::int64_t row = root_->length();
  context_.has_line_ends = false;
  const char* behind = objects_->append_plain(at, end);
  if (behind != nullptr && layout == Layout::Lines) {
    behind = context_.has_line_ends ? nullptr : behind_line(behind, end);
  }
  const bool is_plain = behind != nullptr && behind <= end;
  rescued_values_.start_row();
  if (is_plain) rescued_values_.end_row();
  return settle_plain(is_plain, row) ? behind : nullptr;
}

std::size_t RecordTable::add_plain_records(std::string_view text, Layout layout) {
  if (!is_utf8_ || may_be_too_deep_) return 0;
  const char* const end = text.data() + text.size();
  const char* at = text.data();
  for (;;) {
    const char* const behind = next_plain(at, end, layout);
    if (behind == nullptr) break;
    at = behind;
  }
  return static_cast<std::size_t>(at - text.data());
}

// Appends a record of which something does not fit. Then it is looked through first, since of what
// is rescued only the text is taken.
bool RecordTable::rescue(std::string_view record, RecordParser& parser) {
  Trouble& trouble = context_.trouble;
  const bool is_json = parser.parse(record, trouble, [&](auto value) {
    if constexpr (std::is_same_v<decltype(value), ondemand::object>) {
      return check_object(value, context_.max_depth, context_.scratch, trouble);
    } else if constexpr (std::is_same_v<decltype(value), ondemand::array>) {
      return check_array(value, context_.max_depth, context_.scratch, trouble);
    } else {
      if (is_scalar(value, context_.scratch)) return true;
      set_malformed(trouble, value);
      return false;
    }
  });
  if (!is_json) return false;
  const std::int64_t row = root_->length();
  context_.rescued = &rescued_values_;
  const bool is_good = append(record, parser);
  context_.rescued = nullptr;
  if (is_good || trouble.kind != ErrorKind::Schema) return is_good;
  // It is no object at all, or not what the one column holds.
  truncate(row);
  root_->append_null();
  rescued_values_.add("", kValueColumn, record);
  return true;
}

RecordTable::Added RecordTable::try_to_add(std::string_view record, RecordParser& parser) {
  const std::int64_t row = root_->length();
  context_.text_end = record.data() + record.size();
  rescued_values_.start_row();
  bool is_good = append_plain(record) || append(record, parser);
  if (!is_good && rescues_ && context_.trouble.kind == ErrorKind::Schema) {
    truncate(row);
    context_.room.retry();
    is_good = rescue(record, parser);
  }
  if (is_good) rescued_values_.end_row();
  if (is_good && !context_.room.is_over()) return Added::Row;
  if (is_good) needed_bytes_ = bytes();
  truncate(row);
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
  if (rescued_) root_->forget_size();  // some of which are filled, as if they were wanted
  return arrow::RecordBatch::Make(schema_, num_rows, std::move(columns));
}

}  // namespace polarway::json
