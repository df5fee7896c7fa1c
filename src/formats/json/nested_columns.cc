#include "formats/json/nested_columns.h"

#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstring>

#include "core/json_text.h"
#include "core/quoted_text.h"
#include "formats/json/plain_text.h"
#include "formats/json/rescued_values.h"

namespace polarway::json {
namespace {

constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);

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

const char* ListColumn::append_plain(const char* at, const char* end) {
  if (*at != '[') return JsonColumn::append_plain(at, end);
  at = behind_blanks(at + 1, end);
  while (*at != ']') {
    at = elements_->append_plain(at, end);
    if (at == nullptr || at >= end) return nullptr;
    at = behind_blanks(at, end);
    if (*at == ']') break;
    if (*at != ',') return nullptr;
    at = behind_blanks(at + 1, end);
    if (*at == ']') return nullptr;
  }
  validity_.push_valid(length_);
  push_end();
  return at + 1;
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

bool ListColumn::append_rows(const JsonColumn& other, std::int64_t begin, std::int64_t end) {
  const auto& from = static_cast<const ListColumn&>(other);
  const auto* from_offsets = from.offsets_.data<std::int32_t>();
  const std::int64_t first = elements_->length();
  if (first + from_offsets[end] - from_offsets[begin] > INT32_MAX) {
    context_.room.set_over();
    return false;
  }
  if (!offsets_.reserve(offset_bytes(length_ + end - begin))) return false;
  if (from_offsets[begin] < from_offsets[end] &&
      !elements_->append_rows(*from.elements_, from_offsets[begin], from_offsets[end])) {
    return false;
  }
  if (!validity_.append(from.validity_, begin, end, length_)) {
    elements_->truncate(first);
    return false;
  }
  copy_offsets(from_offsets + begin, end - begin, static_cast<std::int32_t>(first),
               offsets_.data<std::int32_t>() + length_);
  length_ += end - begin;
  return true;
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
  Child child{.name = std::move(name), .type = std::move(type), .column = std::move(column)};
  const std::string key = is_plain ? child.name + '"' : std::string(1, '\xFF');  // not in UTF-8
  const std::size_t size = std::min(key.size(), sizeof child.head);
  child.key_size = key.size();
  child.tail_at = key.size() - size;
  std::memset(&child.mask, 0xFF, size);
  std::memcpy(&child.head, key.data(), size);
  std::memcpy(&child.tail, key.data() + child.tail_at, size);
  child.next = children_.size() + 1;
  children_.push_back(std::move(child));
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
    if (children_[expected].is_key(key.raw(), context_.text_end)) return expected;
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

// Whether the table goes on without a value that its column cannot hold, or that no column holds.
bool StructColumn::rescue(ondemand::field field, std::size_t at) {
  if (!prefix_ || context_.rescued == nullptr || context_.trouble.kind != ErrorKind::Schema) {
    return false;
  }
  const char* const key = field.key().raw();
  std::string name;
  std::string_view written;
  if (at == kUnknown) {
    const char* end = key;
    while (*end != '"') end += *end == '\\' ? 2 : 1;
    written = {key, static_cast<std::size_t>(end - key)};
  } else {
    Child& child = children_[at];
    child.column->truncate(length_);
    child.column->append_null();
    name = to_line(Json(child.name));
    written = within_quotes(name);
  }
  const std::string_view token = field.value().raw_json_token();
  context_.rescued->add(*prefix_, written,
                        is_container(token.front())
                            ? container_text(token.data(), context_.text_end)
                            : without_blanks(token));
  context_.trouble = Trouble();
  return true;
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
    const bool is_new = at != kUnknown && children_[at].column->length() == length_;
    if ((at == kUnknown || !append_field(field, at)) && !rescue(field, at)) return false;
    if (at != kUnknown) expected = at + 1;
    if (is_new) ++num_found;
  }
  if (num_found != children_.size()) {
    for (Child& child : children_) {
      if (child.column->length() == length_) child.column->append_null();
    }
  }
  validity_.push_valid(length_);
  ++length_;
  return true;
}

// The child that has the name at `at`; kUnknown where none has, or there is no plain one. Some may
// be missing before it.
std::size_t StructColumn::find_plain(const char* at, const char* end, std::size_t expected) const {
  constexpr std::size_t kNear = 8;
  const std::size_t near = std::min(children_.size(), expected + kNear);
  for (std::size_t i = expected; i < near; ++i) {
    if (children_[i].is_key(at, end)) return i;
  }
  const char* const close = plain_string_end(at, end);
  if (close == nullptr) return kUnknown;
  const auto found = places_.find({at, close});
  return found == places_.end() ? kUnknown : found->second;
}

const char* StructColumn::append_plain(const char* at, const char* end) {
  if (*at != '{') return JsonColumn::append_plain(at, end);
  std::size_t num_found = 0;
  std::size_t expected = 0;
  std::size_t* next = &first_;
  at = behind_blanks(at + 1, end);
  while (num_found > 0 || *at != '}') {
    if (*at != '"') return nullptr;
    ++at;
    if (*next >= children_.size() || !children_[*next].is_key(at, end)) [[unlikely]] {
      const std::size_t found = find_plain(at, end, expected);
      if (found == kUnknown) return nullptr;
      *next = found;
    }
    Child& child = children_[*next];
    if (child.column->length() != length_) return nullptr;  // it is there twice
    expected = *next + 1;
    next = &child.next;
    ++num_found;
    at = behind_blanks(at + child.key_size, end);
    if (*at != ':') return nullptr;
    at = child.column->append_plain(behind_blanks(at + 1, end), end);
    if (at == nullptr || at >= end) return nullptr;
    at = behind_blanks(at, end);
    if (*at != ',') break;
    at = behind_blanks(at + 1, end);
  }
  if (*at != '}') return nullptr;
  if (num_found != children_.size()) {
    for (Child& child : children_) {
      if (child.column->length() == length_) child.column->append_null();
    }
  }
  validity_.push_valid(length_);
  ++length_;
  return at + 1;
}

bool StructColumn::append_rows(const JsonColumn& other, std::int64_t begin, std::int64_t end) {
  const auto& from = static_cast<const StructColumn&>(other);
  bool is_good = true;
  for (std::size_t i = 0; i < children_.size() && is_good; ++i) {
    is_good = children_[i].column->append_rows(*from.children_[i].column, begin, end);
  }
  if (!is_good || !validity_.append(from.validity_, begin, end, length_)) {
    for (Child& child : children_) child.column->truncate(length_);
    return false;
  }
  length_ += end - begin;
  return true;
}

void StructColumn::truncate(std::int64_t num_rows) {
  validity_.truncate(num_rows);
  // Also columns that have no more rows than that: there may be elements of a list that failed.
  for (Child& child : children_) child.column->truncate(num_rows);
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
