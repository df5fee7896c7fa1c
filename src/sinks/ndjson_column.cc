#include "sinks/ndjson_column.h"

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/util/float16.h>
#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <utility>

#include "core/json_text.h"
#include "sinks/json_string.h"

namespace polarway {
namespace {

std::string_view text_at(const arrow::Array& values, std::int64_t row) {
  switch (values.type_id()) {
    case arrow::Type::STRING:
      return static_cast<const arrow::StringArray&>(values).GetView(row);
    case arrow::Type::LARGE_STRING:
      return static_cast<const arrow::LargeStringArray&>(values).GetView(row);
    default:
      return static_cast<const arrow::StringViewArray&>(values).GetView(row);
  }
}

struct Range {
  std::int64_t from;
  std::int64_t to;
};

Range elements_of(const arrow::Array& lists, std::int64_t row) {
  const auto range = [row](const auto& array) {
    const std::int64_t from = array.value_offset(row);
    return Range{from, from + array.value_length(row)};
  };
  switch (lists.type_id()) {
    case arrow::Type::LIST:
      return range(static_cast<const arrow::ListArray&>(lists));
    case arrow::Type::LARGE_LIST:
      return range(static_cast<const arrow::LargeListArray&>(lists));
    default:
      return range(static_cast<const arrow::FixedSizeListArray&>(lists));
  }
}

std::shared_ptr<arrow::Array> elements_of(const arrow::Array& lists) {
  switch (lists.type_id()) {
    case arrow::Type::LIST:
      return static_cast<const arrow::ListArray&>(lists).values();
    case arrow::Type::LARGE_LIST:
      return static_cast<const arrow::LargeListArray&>(lists).values();
    default:
      return static_cast<const arrow::FixedSizeListArray&>(lists).values();
  }
}

}  // namespace

std::string json_key(const std::string& name) { return to_line(Json(name)) + ":"; }

Result<NdjsonColumn> NdjsonColumn::make(const arrow::Field& field, bool nan_is_null) {
  const arrow::DataType& type = *field.type();
  Kind kind = Kind::Plain;
  switch (type.id()) {
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
      kind = Kind::Text;
      break;
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
    case arrow::Type::TIMESTAMP:
      kind = Kind::Quoted;
      break;
    case arrow::Type::HALF_FLOAT:
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
      kind = Kind::Float;
      break;
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::FIXED_SIZE_LIST:
      kind = Kind::List;
      break;
    case arrow::Type::STRUCT:
      kind = Kind::Struct;
      break;
    case arrow::Type::DICTIONARY:
      kind = Kind::Dictionary;
      break;
    default:
      break;
  }
  NdjsonColumn column(kind);
  column.nan_is_null_ = nan_is_null;
  column.key_ = json_key(field.name());
  if (kind == Kind::Dictionary) {
    const auto& values = static_cast<const arrow::DictionaryType&>(type).value_type();
    POLARWAY_CHECK(column.add_child(*field.WithType(values), nan_is_null));
  } else if (kind == Kind::List || kind == Kind::Struct) {
    for (const auto& child : type.fields()) {
      POLARWAY_CHECK(column.add_child(*child, nan_is_null));
    }
  } else if (kind != Kind::Text) {
    Result<CsvColumn> cells = CsvColumn::make(field, ',', false);
    if (!cells) {
      cells.error().message = fmt::format("JSON cannot hold {}", type.ToString());
      return fail(std::move(cells.error()));
    }
    column.cells_.push_back(*std::move(cells));
  }
  return column;
}

Result<void> NdjsonColumn::add_child(const arrow::Field& field, bool nan_is_null) {
  POLARWAY_TRY(NdjsonColumn child, make(field, nan_is_null));
  children_.push_back(std::move(child));
  return {};
}

void NdjsonColumn::bind(const arrow::Array& values) {
  values_ = &values;
  for (CsvColumn& cells : cells_) cells.bind(values);
  held_.clear();
  if (kind_ == Kind::List) held_.push_back(elements_of(values));
  if (kind_ == Kind::Dictionary) {
    held_.push_back(static_cast<const arrow::DictionaryArray&>(values).dictionary());
  }
  if (kind_ == Kind::Struct) {
    const auto& objects = static_cast<const arrow::StructArray&>(values);
    for (int i = 0; i < objects.num_fields(); ++i) held_.push_back(objects.field(i));
  }
  for (std::size_t i = 0; i < held_.size(); ++i) children_[i].bind(*held_[i]);
}

bool NdjsonColumn::is_finite(std::int64_t row) const {
  switch (values_->type_id()) {
    case arrow::Type::DOUBLE:
      return std::isfinite(static_cast<const arrow::DoubleArray&>(*values_).Value(row));
    case arrow::Type::FLOAT:
      return std::isfinite(static_cast<const arrow::FloatArray&>(*values_).Value(row));
    default:
      return std::isfinite(arrow::util::Float16::FromBits(
                               static_cast<const arrow::HalfFloatArray&>(*values_).Value(row))
                               .ToFloat());
  }
}

bool NdjsonColumn::write(std::int64_t row, TextBuffer& out) {
  if (values_->IsNull(row)) {
    out.put(std::string_view("null"));
    return true;
  }
  switch (kind_) {
    case Kind::Plain:
      return cells_[0].write(row, out);
    case Kind::Quoted: {
      out.put('"');
      if (!cells_[0].write(row, out)) return false;
      out.put('"');
      return true;
    }
    case Kind::Float:
      if (is_finite(row)) return cells_[0].write(row, out);
      if (nan_is_null_) out.put(std::string_view("null"));
      return nan_is_null_;
    case Kind::Text:
      write_json_string(text_at(*values_, row), out);
      return true;
    case Kind::List:
      return write_list(row, out);
    case Kind::Struct:
      return write_struct(row, out);
    case Kind::Dictionary:
      return children_[0].write(
          static_cast<const arrow::DictionaryArray&>(*values_).GetValueIndex(row), out);
  }
  return false;
}

bool NdjsonColumn::write_list(std::int64_t row, TextBuffer& out) {
  const Range range = elements_of(*values_, row);
  out.put('[');
  for (std::int64_t i = range.from; i < range.to; ++i) {
    if (i > range.from) out.put(',');
    if (!children_[0].write(i, out)) return false;
  }
  out.put(']');
  return true;
}

bool NdjsonColumn::write_struct(std::int64_t row, TextBuffer& out) {
  out.put('{');
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (i > 0) out.put(',');
    out.put(children_[i].key_);
    if (!children_[i].write(row, out)) return false;
  }
  out.put('}');
  return true;
}

}  // namespace polarway
