#include "formats/json/nested_columns.h"

#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstring>

#include "core/quoted_text.h"

namespace polarway::json {
namespace {

constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);

std::int64_t offset_bytes(std::int64_t rows) {
  return (rows + 1) * static_cast<std::int64_t>(sizeof(std::int32_t));
}

}  // namespace

ListColumn::ListColumn(std::shared_ptr<arrow::Field> element, std::unique_ptr<JsonColumn> elements,
                       ColumnContext& context)
    : JsonColumn(context),
      element_(std::move(element)),
      elements_(std::move(elements)),
      validity_(context.room),
      offsets_(context.room) {}

void ListColumn::append_null() {
  validity_.push_null(length_);
  push_end();
}

bool ListColumn::append_array(ondemand::array array, const char* begin) {
  const std::int64_t first = elements_->length();
  for (auto found : array) {
    ondemand::value value;
    if (const auto error = found.get(value)) {
      set_trouble(context_.trouble, error, begin);
      return false;
    }
    if (!elements_->append(value)) {
      context_.trouble.within_element(elements_->length() - first);
      return false;
    }
  }
  validity_.push_valid(length_);
  push_end();
  return true;
}

void ListColumn::push_end() {
  const std::int64_t end = elements_->length();
  if (end > INT32_MAX) context_.room.set_over();
  if (offsets_.reserve(offset_bytes(length_ + 1))) {
    auto* offsets = offsets_.data<std::int32_t>();
    if (length_ == 0) offsets[0] = 0;
    offsets[length_ + 1] = static_cast<std::int32_t>(end);
  }
  ++length_;
}

void ListColumn::truncate(std::int64_t num_rows) {
  validity_.truncate(num_rows);
  elements_->truncate(num_rows == 0 ? 0 : offsets_.data<std::int32_t>()[num_rows]);
  length_ = num_rows;
}

Result<std::shared_ptr<arrow::ArrayData>> ListColumn::finish() {
  const std::int64_t num_rows = std::exchange(length_, 0);
  const std::int64_t num_nulls = validity_.num_nulls();
  POLARWAY_TRY(auto validity, validity_.finish(num_rows));
  POLARWAY_TRY(auto offsets, offsets_.finish(offset_bytes(num_rows)));
  if (num_rows == 0) std::memset(offsets->mutable_data(), 0, sizeof(std::int32_t));
  POLARWAY_TRY(auto elements, elements_->finish());
  return arrow::ArrayData::Make(arrow::list(element_), num_rows,
                                {std::move(validity), std::move(offsets)}, {std::move(elements)},
                                num_nulls);
}

std::int64_t ListColumn::bytes() const {
  return validity_.bytes(length_) + ChunkRoom::cost_of(offset_bytes(length_)) + elements_->bytes();
}

void ListColumn::forget_size() {
  validity_.forget_size();
  offsets_.forget_size();
  elements_->forget_size();
}

StructColumn::StructColumn(ColumnContext& context) : JsonColumn(context), validity_(context.room) {}

void StructColumn::add(std::string name, std::shared_ptr<arrow::DataType> type,
                       std::unique_ptr<JsonColumn> column) {
  const bool is_plain = std::none_of(name.begin(), name.end(), [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  });
  const bool moves = children_.size() == children_.capacity();
  children_.push_back({std::move(name), std::move(type), std::move(column), is_plain});
  // Short names stand in the children themselves, and move with them.
  if (moves) places_.clear();
  for (std::size_t i = moves ? 0 : children_.size() - 1; i < children_.size(); ++i) {
    places_.emplace(children_[i].name, i);
  }
}

JsonColumn* StructColumn::find(std::string_view name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : children_[found->second].column.get();
}

void StructColumn::append_null() {
  validity_.push_null(length_);
  for (Child& child : children_) child.column->append_null();
  ++length_;
}

// The child of a field; kUnknown with the trouble said. Objects mostly have the same fields in the
// same order, so the one expected is looked at first.
std::size_t StructColumn::find_field(ondemand::raw_json_string key, std::size_t expected) {
  if (expected < children_.size()) {
    const Child& child = children_[expected];
    const std::size_t size = child.name.size();
    const char* const begin = key.raw();
    if (child.is_plain && static_cast<std::size_t>(context_.text_end - begin) > size &&
        begin[size] == '"' && std::memcmp(begin, child.name.data(), size) == 0) {
      return expected;
    }
  }
  Trouble& trouble = context_.trouble;
  std::string_view name;
  if (!read_key(key, context_.text_end, context_.scratch, name)) {
    trouble.at = key.raw();
    trouble.message = "a name has an escape that means no character";
    trouble.hint = "both halves of a surrogate pair must be there";
    return kUnknown;
  }
  const auto found = places_.find(name);
  if (found != places_.end()) return found->second;
  trouble.kind = ErrorKind::Schema;
  trouble.at = key.raw();
  trouble.message = "the field " + shorten(name) + " is not in the table";
  trouble.hint =
      "the columns were inferred from the first records: raise infer_schema_length, or "
      "name the field in schema";
  return kUnknown;
}

bool StructColumn::append_field(ondemand::field field, std::size_t at) {
  Child& child = children_[at];
  if (child.column->length() > length_) {
    if (context_.duplicate_keys == DuplicateKeys::Error) {
      context_.trouble.at = field.key().raw();
      context_.trouble.message = "the field " + shorten(child.name) + " is there twice";
      context_.trouble.hint = "set duplicate_keys=last to take the last one";
      return false;
    }
    if (context_.room.is_over()) return true;  // what it takes has been counted
    child.column->truncate(length_);
  }
  if (child.column->append(field.value())) return true;
  context_.trouble.within_field(child.name);
  return false;
}

bool StructColumn::append_object(ondemand::object object, const char* begin) {
  std::size_t expected = 0;
  std::size_t num_found = 0;
  for (auto found : object) {
    ondemand::field field;
    if (const auto error = std::move(found).get(field)) {
      set_trouble(context_.trouble, error, begin);
      return false;
    }
    const std::size_t at = find_field(field.key(), expected);
    if (at == kUnknown || !append_field(field, at)) return false;
    expected = at + 1;
    ++num_found;
  }
  if (num_found != children_.size() || num_found == 0) {
    for (Child& child : children_) {
      if (child.column->length() == length_) child.column->append_null();
    }
  }
  validity_.push_valid(length_);
  ++length_;
  return true;
}

void StructColumn::truncate(std::int64_t num_rows) {
  validity_.truncate(num_rows);
  for (Child& child : children_) {
    if (child.column->length() > num_rows) child.column->truncate(num_rows);
  }
  length_ = num_rows;
}

Result<std::shared_ptr<arrow::ArrayData>> StructColumn::finish() {
  const std::int64_t num_rows = std::exchange(length_, 0);
  const std::int64_t num_nulls = validity_.num_nulls();
  POLARWAY_TRY(auto validity, validity_.finish(num_rows));
  arrow::FieldVector fields;
  std::vector<std::shared_ptr<arrow::ArrayData>> columns;
  for (Child& child : children_) {
    POLARWAY_TRY(auto column, child.column->finish());
    fields.push_back(arrow::field(child.name, child.type));
    columns.push_back(std::move(column));
  }
  return arrow::ArrayData::Make(arrow::struct_(std::move(fields)), num_rows, {std::move(validity)},
                                std::move(columns), num_nulls);
}

std::int64_t StructColumn::bytes() const {
  std::int64_t bytes = validity_.bytes(length_);
  for (const Child& child : children_) bytes += child.column->bytes();
  return bytes;
}

void StructColumn::forget_size() {
  validity_.forget_size();
  for (Child& child : children_) child.column->forget_size();
}

}  // namespace polarway::json
