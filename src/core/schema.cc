#include "polarway/schema.h"

#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/json_text.h"
#include "core/out_of_memory.h"
#include "core/quoted_text.h"
#include "core/type_spelling.h"

namespace polarway {

namespace {

auto refuse(std::string message) {
  return fail({.kind = ErrorKind::Config,
               .message = std::move(message),
               .hint = R"(write {"name": "string", "age": "int64"} or )"
                       R"({"fields": [{"name": "age", "type": "int64"}]})"});
}

arrow::FieldVector to_arrow(const Field* begin, const Field* end) {
  arrow::FieldVector fields;
  for (const Field* field = begin; field != end; ++field) {
    fields.push_back(arrow::field(field->name, field->type.arrow(), field->nullable));
  }
  return fields;
}

// `place` is the field's name, or its index where it has none.
Result<DataType> read_type(const Json& type, std::string_view place) {
  if (!type.is_string())
    return refuse(fmt::format("schema: the type of {} is not a string", place));
  Result<DataType> read = DataType::parse(type.get<std::string>());
  if (!read)
    read.error().message = fmt::format("schema: the type of {}: {}", place, read.error().message);
  return read;
}

Result<Field> read_field(const Json& json, std::size_t index) {
  if (!json.is_object()) return refuse(fmt::format("schema: field {} is not an object", index));
  for (const auto& [key, value] : json.items()) {
    if (key != "name" && key != "type" && key != "nullable") {
      return refuse(fmt::format("schema: field {} has an unknown key {}", index, shorten(key)));
    }
  }
  const auto name = json.find("name");
  if (name == json.end() || !name->is_string()) {
    return refuse(fmt::format("schema: field {} has no name", index));
  }
  const auto type = json.find("type");
  if (type == json.end())
    return refuse(fmt::format("schema: field {} has no type", shorten(name->get<std::string>())));
  const auto nullable = json.find("nullable");
  if (nullable != json.end() && !nullable->is_boolean()) {
    return refuse(fmt::format("schema: nullable of {} is not true or false",
                              shorten(name->get<std::string>())));
  }
  POLARWAY_TRY(DataType read, read_type(*type, shorten(name->get<std::string>())));
  return Field(name->get<std::string>(), std::move(read),
               nullable == json.end() || nullable->get<bool>());
}

}  // namespace

const DataType DataType::Int64{arrow::int64()};
const DataType DataType::Float64{arrow::float64()};
const DataType DataType::Boolean{arrow::boolean()};
const DataType DataType::String{arrow::utf8()};
const DataType DataType::Date{arrow::date32()};
const DataType DataType::Timestamp{arrow::timestamp(arrow::TimeUnit::MICRO)};
const DataType DataType::TimestampUtc{arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")};

DataType::DataType(std::shared_ptr<arrow::DataType> type) : type_(std::move(type)) {}

Result<DataType> DataType::parse(std::string_view text) {
  return guard([&]() -> Result<DataType> {
    return parse_type(text).map(
        [](std::shared_ptr<arrow::DataType> type) { return DataType(std::move(type)); });
  });
}

std::string DataType::to_string() const { return spell_type(*type_); }

bool DataType::operator==(const DataType& other) const { return type_->Equals(*other.type_); }

Schema::Schema() : schema_(arrow::schema(arrow::FieldVector{})) {}

Schema::Schema(std::initializer_list<Field> fields)
    : schema_(arrow::schema(to_arrow(fields.begin(), fields.end()))) {}

Schema::Schema(const std::vector<Field>& fields)
    : schema_(arrow::schema(to_arrow(fields.data(), fields.data() + fields.size()))) {}

Schema::Schema(std::shared_ptr<arrow::Schema> schema) : schema_(std::move(schema)) {}

Result<Schema> Schema::from_json(std::string_view text) {
  return guard([&]() -> Result<Schema> {
    Result<Json> parsed = parse_json_object(text);
    if (!parsed) return refuse(fmt::format("schema: {}", parsed.error().message));
    const Json& json = *parsed;

    std::vector<Field> fields;
    const auto listed = json.find("fields");
    if (listed != json.end() && listed->is_array()) {
      if (json.size() != 1) return refuse("schema: \"fields\" stands beside other keys");
      for (const Json& field : *listed) {
        POLARWAY_TRY(Field read, read_field(field, fields.size()));
        fields.push_back(std::move(read));
      }
    } else {
      for (const auto& [name, type] : json.items()) {
        POLARWAY_TRY(DataType read, read_type(type, shorten(name)));
        fields.emplace_back(name, std::move(read));
      }
    }

    std::set<std::string> names;
    for (const Field& field : fields) {
      if (names.insert(field.name).second) continue;
      return refuse(fmt::format("schema: {} occurs twice", shorten(field.name)));
    }
    return Schema(fields);
  });
}

std::string Schema::to_json() const {
  Json fields = Json::array();
  for (const std::shared_ptr<arrow::Field>& field : schema_->fields()) {
    fields.push_back({{"name", field->name()},
                      {"type", spell_type(*field->type())},
                      {"nullable", field->nullable()}});
  }
  return to_line({{"fields", std::move(fields)}});
}

std::string Schema::to_string() const {
  std::string lines;
  for (const std::shared_ptr<arrow::Field>& field : schema_->fields()) {
    lines += fmt::format("{}{}: {}{}", lines.empty() ? "" : "\n", shorten_name(field->name(), 256),
                         spell_type(*field->type()), field->nullable() ? "" : " not null");
  }
  return lines;
}

int Schema::num_fields() const { return schema_->num_fields(); }

Field Schema::field(int i) const {
  const std::shared_ptr<arrow::Field>& field = schema_->field(i);
  return {field->name(), DataType(field->type()), field->nullable()};
}

std::vector<std::string> Schema::names() const { return schema_->field_names(); }

int Schema::index_of(std::string_view name) const {
  // Not GetFieldIndex: it answers -1 for a name that occurs twice, too.
  const std::vector<int> found = schema_->GetAllFieldIndices(std::string(name));
  return found.empty() ? -1 : *std::min_element(found.begin(), found.end());
}

bool Schema::operator==(const Schema& other) const {
  return schema_->Equals(*other.schema_, /*check_metadata=*/false);
}

}  // namespace polarway
