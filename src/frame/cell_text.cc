#include "frame/cell_text.h"

#include <arrow/array.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <algorithm>

#include "core/quoted_text.h"
#include "polarway/expr.h"

namespace polarway {
namespace {

constexpr std::size_t kMaxWidth = 32;

// Bytes of the character that begins with this one, if the text is UTF-8.
std::size_t length_of_character(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// One character, escaped if it could upset a terminal.
std::string harmless(std::string_view character) {
  if (character == "\"" || character == "\\") return std::string(character);
  const std::string quoted = shorten(character);
  return quoted.substr(1, quoted.size() - 2);
}

std::string scalar_text(const arrow::Array& values, std::int64_t row) {
  const auto scalar = values.GetScalar(row);
  return scalar.ok() ? (*scalar)->ToString() : "?";
}

// Without a fraction of a second that is zero.
std::string timestamp_text(const arrow::Array& values, std::int64_t row) {
  std::string text = scalar_text(values, row);
  const std::size_t point = text.find('.');
  if (point == std::string::npos) return text;
  const std::size_t end = std::min(text.find_first_not_of('0', point + 1), text.size());
  const bool is_digit = end < text.size() && text[end] >= '1' && text[end] <= '9';
  if (!is_digit) text.erase(point, end - point);
  return text;
}

// The first two values and the last, if there are more than three.
std::string list_text(const arrow::Array& values) {
  std::string text = "[";
  for (std::int64_t i = 0; i < values.length(); ++i) {
    const bool skips = i == 2 && values.length() > 3;
    if (skips) i = values.length() - 1;
    text += (skips ? ", … " : i > 0 ? ", " : "") + cell_text(values, i);
  }
  return text + "]";
}

std::string struct_text(const arrow::StructArray& values, std::int64_t row) {
  std::string text = "{";
  for (int i = 0; i < values.num_fields() && text.size() < 4 * kMaxWidth; ++i) {
    text += (i == 0 ? "" : ", ") + cell_text(*values.field(i), row);
  }
  return text + "}";
}

std::string unit_name(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return "s";
    case arrow::TimeUnit::MILLI:
      return "ms";
    case arrow::TimeUnit::MICRO:
      return "μs";
    default:
      return "ns";
  }
}

template <class ArrayType>
std::string_view view_of(const arrow::Array& values, std::int64_t row) {
  return static_cast<const ArrayType&>(values).GetView(row);
}

std::string real(double value) { return lit(value).to_string(); }

}  // namespace

std::string one_line(std::string_view text) {
  std::string line;
  std::size_t width = 0;
  std::size_t fits = 0;  // bytes of the line that leave room for the "…"
  while (!text.empty()) {
    const std::size_t length = std::min(length_of_character(text.front()), text.size());
    const std::string character = harmless(text.substr(0, length));
    text.remove_prefix(length);
    width += display_width(character);
    line += character;
    if (width < kMaxWidth) fits = line.size();
    if (width > kMaxWidth) return line.substr(0, fits) + "…";
  }
  return line;
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  }));
}

std::string cell_text(const arrow::Array& values, std::int64_t row) {
  if (values.IsNull(row)) return "null";
  switch (values.type_id()) {
    case arrow::Type::STRING:
      return one_line(view_of<arrow::StringArray>(values, row));
    case arrow::Type::LARGE_STRING:
      return one_line(view_of<arrow::LargeStringArray>(values, row));
    case arrow::Type::STRING_VIEW:
      return one_line(view_of<arrow::StringViewArray>(values, row));
    case arrow::Type::BINARY:
      return "b" + shorten(view_of<arrow::BinaryArray>(values, row), kMaxWidth);
    case arrow::Type::LARGE_BINARY:
      return "b" + shorten(view_of<arrow::LargeBinaryArray>(values, row), kMaxWidth);
    case arrow::Type::BINARY_VIEW:
      return "b" + shorten(view_of<arrow::BinaryViewArray>(values, row), kMaxWidth);
    case arrow::Type::FIXED_SIZE_BINARY:
      return "b" + shorten(view_of<arrow::FixedSizeBinaryArray>(values, row), kMaxWidth);
    case arrow::Type::FLOAT: {
      // By its own digits: 0.1, and not what a double has to say about it.
      std::string text = scalar_text(values, row);
      return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
    }
    case arrow::Type::DOUBLE:
      return real(static_cast<const arrow::DoubleArray&>(values).Value(row));
    case arrow::Type::TIMESTAMP:
      return timestamp_text(values, row);
    case arrow::Type::LIST:
      return one_line(list_text(*static_cast<const arrow::ListArray&>(values).value_slice(row)));
    case arrow::Type::LARGE_LIST:
      return one_line(
          list_text(*static_cast<const arrow::LargeListArray&>(values).value_slice(row)));
    case arrow::Type::FIXED_SIZE_LIST:
      return one_line(
          list_text(*static_cast<const arrow::FixedSizeListArray&>(values).value_slice(row)));
    case arrow::Type::STRUCT:
      return one_line(struct_text(static_cast<const arrow::StructArray&>(values), row));
    case arrow::Type::DICTIONARY: {
      const auto& codes = static_cast<const arrow::DictionaryArray&>(values);
      return cell_text(*codes.dictionary(), codes.GetValueIndex(row));
    }
    case arrow::Type::EXTENSION:
      return cell_text(*static_cast<const arrow::ExtensionArray&>(values).storage(), row);
    default:
      return one_line(scalar_text(values, row));
  }
}

std::string short_type_name(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL:
      return "bool";
    case arrow::Type::HALF_FLOAT:
      return "f16";
    case arrow::Type::FLOAT:
      return "f32";
    case arrow::Type::DOUBLE:
      return "f64";
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
      return "str";
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW:
    case arrow::Type::FIXED_SIZE_BINARY:
      return "binary";
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
      return "date";
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      return "time";
    case arrow::Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
      const std::string zone = timestamp.timezone().empty() ? "" : ", " + timestamp.timezone();
      return "datetime[" + unit_name(timestamp.unit()) + zone + "]";
    }
    case arrow::Type::DURATION:
      return "duration[" + unit_name(static_cast<const arrow::DurationType&>(type).unit()) + "]";
    case arrow::Type::DICTIONARY:
      return "cat";
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::FIXED_SIZE_LIST:
      return "list[" + short_type_name(*type.field(0)->type()) + "]";
    case arrow::Type::STRUCT:
      return "struct[" + std::to_string(type.num_fields()) + "]";
    default:
      break;
  }
  if (arrow::is_decimal(type.id())) {
    const auto& decimal = static_cast<const arrow::DecimalType&>(type);
    return "decimal[" + std::to_string(decimal.precision()) + "," +
           std::to_string(decimal.scale()) + "]";
  }
  if (arrow::is_integer(type.id())) {
    return (arrow::is_unsigned_integer(type.id()) ? "u" : "i") +
           std::to_string(8 * type.byte_width());
  }
  return type.name();
}

}  // namespace polarway
