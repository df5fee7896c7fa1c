#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/type_spelling.h"

namespace polarway {

namespace {

std::string_view unit_name(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return "s";
    case arrow::TimeUnit::MILLI:
      return "ms";
    case arrow::TimeUnit::MICRO:
      return "us";
    case arrow::TimeUnit::NANO:
      return "ns";
  }
  return "us";
}

bool is_plain(const std::string& name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), plain);
}

std::string in_quotes(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + "\"";
}

std::string nested(const arrow::Field& field) {
  return spell_type(*field.type()) + (field.nullable() ? "" : " not null");
}

std::string spell_struct(const arrow::StructType& type) {
  std::string fields;
  for (const std::shared_ptr<arrow::Field>& field : type.fields()) {
    const std::string name = is_plain(field->name()) ? field->name() : in_quotes(field->name());
    fields += fmt::format("{}{}: {}", fields.empty() ? "" : ", ", name, nested(*field));
  }
  return fmt::format("struct[{}]", fields);
}

std::string spell_timestamp(const arrow::TimestampType& type) {
  if (type.timezone().empty()) return fmt::format("timestamp[{}]", unit_name(type.unit()));
  return fmt::format("timestamp[{}, {}]", unit_name(type.unit()), type.timezone());
}

}  // namespace

std::string spell_type(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::HALF_FLOAT:
      return "float16";
    case arrow::Type::FLOAT:
      return "float32";
    case arrow::Type::DOUBLE:
      return "float64";
    case arrow::Type::DATE32:
      return "date";
    case arrow::Type::DATE64:
      return "date64";
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      return fmt::format("time[{}]", unit_name(static_cast<const arrow::TimeType&>(type).unit()));
    case arrow::Type::DURATION:
      return fmt::format("duration[{}]",
                         unit_name(static_cast<const arrow::DurationType&>(type).unit()));
    case arrow::Type::TIMESTAMP:
      return spell_timestamp(static_cast<const arrow::TimestampType&>(type));
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(type);
      const std::string_view name = type.id() == arrow::Type::DECIMAL128 ? "decimal" : "decimal256";
      return fmt::format("{}({}, {})", name, decimal.precision(), decimal.scale());
    }
    case arrow::Type::FIXED_SIZE_BINARY:
      return fmt::format("fixed_size_binary[{}]",
                         static_cast<const arrow::FixedSizeBinaryType&>(type).byte_width());
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
      return fmt::format("{}[{}]", type.id() == arrow::Type::LIST ? "list" : "large_list",
                         nested(*type.field(0)));
    case arrow::Type::STRUCT:
      return spell_struct(static_cast<const arrow::StructType&>(type));
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(type);
      return fmt::format("map[{}, {}]", spell_type(*map.key_type()), nested(*map.item_field()));
    }
    case arrow::Type::DICTIONARY: {
      const auto& dictionary = static_cast<const arrow::DictionaryType&>(type);
      return fmt::format("dictionary[{}, {}]", spell_type(*dictionary.index_type()),
                         spell_type(*dictionary.value_type()));
    }
    default:
      return type.ToString();
  }
}

}  // namespace polarway
