#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <fmt/format.h>

#include <charconv>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/nearest_name.h"
#include "core/quoted_text.h"
#include "core/type_spelling.h"

namespace polarway {

namespace {

using Type = std::shared_ptr<arrow::DataType>;

constexpr int kDeepestNesting = 64;  // of types in types; deeper text is nobody's schema

// Types without parameters, by every name they go by, in lower case.
const std::map<std::string, Type>& plain_types() {
  static const std::map<std::string, Type> types = {
      {"int8", arrow::int8()},
      {"tinyint", arrow::int8()},
      {"int16", arrow::int16()},
      {"smallint", arrow::int16()},
      {"int32", arrow::int32()},
      {"int64", arrow::int64()},
      {"int", arrow::int64()},
      {"integer", arrow::int64()},
      {"bigint", arrow::int64()},
      {"long", arrow::int64()},
      {"uint8", arrow::uint8()},
      {"utinyint", arrow::uint8()},
      {"uint16", arrow::uint16()},
      {"usmallint", arrow::uint16()},
      {"uint32", arrow::uint32()},
      {"uinteger", arrow::uint32()},
      {"uint64", arrow::uint64()},
      {"ubigint", arrow::uint64()},
      {"float16", arrow::float16()},
      {"halffloat", arrow::float16()},
      {"float32", arrow::float32()},
      {"real", arrow::float32()},
      {"float64", arrow::float64()},
      {"float", arrow::float64()},
      {"double", arrow::float64()},
      {"number", arrow::float64()},
      {"bool", arrow::boolean()},
      {"boolean", arrow::boolean()},
      {"string", arrow::utf8()},
      {"utf8", arrow::utf8()},
      {"str", arrow::utf8()},
      {"text", arrow::utf8()},
      {"varchar", arrow::utf8()},
      {"large_string", arrow::large_utf8()},
      {"large_utf8", arrow::large_utf8()},
      {"string_view", arrow::utf8_view()},
      {"binary", arrow::binary()},
      {"bytes", arrow::binary()},
      {"blob", arrow::binary()},
      {"large_binary", arrow::large_binary()},
      {"binary_view", arrow::binary_view()},
      {"null", arrow::null()},
      {"date", arrow::date32()},
      {"date32", arrow::date32()},
      {"date64", arrow::date64()},
      {"timestamptz", arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")},
  };
  return types;
}

const std::map<std::string, std::string>& aliases_of_names() {
  static const std::map<std::string, std::string> names = {
      {"datetime", "timestamp"}, {"decimal128", "decimal"}, {"numeric", "decimal"},
      {"interval", "duration"},  {"time32", "time"},        {"time64", "time"},
      {"array", "list"},
  };
  return names;
}

std::vector<std::string> known_names() {
  std::vector<std::string> names = {"timestamp", "datetime",   "time",       "duration",
                                    "decimal",   "decimal256", "list",       "large_list",
                                    "struct",    "map",        "dictionary", "fixed_size_binary"};
  for (const auto& [name, type] : plain_types()) names.push_back(name);
  return names;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Reads one type by recursive descent. Everything that fails answers nothing; parse_type() says the
// rest.
class TypeParser {
 public:
  explicit TypeParser(std::string_view text) : rest_(text) {}

  Type whole() {
    Type type = one_type(0);
    skip_spaces();
    return rest_.empty() ? type : nullptr;
  }

 private:
  Type one_type(int depth) {
    if (depth > kDeepestNesting) return nullptr;
    std::string name = lower_word();
    if (const auto plain = plain_types().find(name); plain != plain_types().end())
      return plain->second;
    if (const auto alias = aliases_of_names().find(name); alias != aliases_of_names().end())
      name = alias->second;
    const char close = open_bracket();
    Type type = close == 0 ? without_parameters(name) : with_parameters(name, depth);
    return type != nullptr && (close == 0 || take(close)) ? type : nullptr;
  }

  static Type without_parameters(const std::string& name) {
    if (name == "timestamp") return arrow::timestamp(arrow::TimeUnit::MICRO);
    if (name == "time") return arrow::time64(arrow::TimeUnit::MICRO);
    if (name == "duration") return arrow::duration(arrow::TimeUnit::MICRO);
    return nullptr;
  }

  Type with_parameters(const std::string& name, int depth) {
    if (name == "timestamp" || name == "time" || name == "duration") return of_unit(name);
    if (name == "decimal" || name == "decimal256") return decimal(name);
    if (name == "struct") return structure(depth);
    if (name == "fixed_size_binary") {
      const std::optional<int> width = integer();
      return width && *width >= 0 ? arrow::fixed_size_binary(*width) : nullptr;
    }
    const std::shared_ptr<arrow::Field> first = nested("item", depth);
    if (first == nullptr) return nullptr;
    if (name == "list") return arrow::list(first);
    if (name == "large_list") return arrow::large_list(first);
    if (name != "map" && name != "dictionary") return nullptr;
    const std::shared_ptr<arrow::Field> second = take(',') ? nested("value", depth) : nullptr;
    if (second == nullptr) return nullptr;
    if (name == "map") return arrow::map(first->type(), second);
    return arrow::is_integer(first->type()->id()) ? arrow::dictionary(first->type(), second->type())
                                                  : nullptr;
  }

  Type of_unit(const std::string& name) {
    const std::map<std::string, arrow::TimeUnit::type> units = {{"s", arrow::TimeUnit::SECOND},
                                                                {"ms", arrow::TimeUnit::MILLI},
                                                                {"us", arrow::TimeUnit::MICRO},
                                                                {"ns", arrow::TimeUnit::NANO}};
    const auto unit = units.find(lower_word());
    if (unit == units.end()) return nullptr;
    if (name == "duration") return arrow::duration(unit->second);
    if (name == "time")
      return unit->second <= arrow::TimeUnit::MILLI ? arrow::time32(unit->second)
                                                    : arrow::time64(unit->second);
    if (!take(',')) return arrow::timestamp(unit->second);
    skip_spaces();
    if (rest_.starts_with("tz=")) rest_.remove_prefix(3);
    std::string zone;
    while (!rest_.empty() && (is_word(rest_[0]) ||
                              std::string_view("/+-:").find(rest_[0]) != std::string_view::npos)) {
      zone += rest_[0];
      rest_.remove_prefix(1);
    }
    return zone.empty() ? nullptr : arrow::timestamp(unit->second, zone);
  }

  Type decimal(const std::string& name) {
    const std::optional<int> precision = integer();
    const std::optional<int> scale = take(',') ? integer() : std::optional<int>(0);
    if (!precision || !scale) return nullptr;
    // Arrow checks the precision, and the scale as a number alone; a scale beyond the digits is a
    // slip.
    if (*scale > *precision) return nullptr;
    auto type = name == "decimal" ? arrow::Decimal128Type::Make(*precision, *scale)
                                  : arrow::Decimal256Type::Make(*precision, *scale);
    return type.ok() ? *type : nullptr;
  }

  Type structure(int depth) {
    arrow::FieldVector fields;
    skip_spaces();
    if (rest_.starts_with(']') || rest_.starts_with(')') || rest_.starts_with('>'))
      return arrow::struct_(fields);
    do {
      const std::optional<std::string> name = field_name();
      if (!name || !take(':')) return nullptr;
      fields.push_back(nested(*name, depth));
      if (fields.back() == nullptr) return nullptr;
    } while (take(','));
    return arrow::struct_(fields);
  }

  std::shared_ptr<arrow::Field> nested(const std::string& name, int depth) {
    Type type = one_type(depth + 1);
    if (type == nullptr) return nullptr;
    skip_spaces();
    const bool required = rest_.starts_with("not null");
    if (required) rest_.remove_prefix(8);
    return arrow::field(name, std::move(type), !required);
  }

  std::optional<std::string> field_name() {
    if (!take('"')) return word();
    std::string name;
    for (;;) {
      const std::size_t quote = rest_.find('"');
      if (quote == std::string_view::npos) return std::nullopt;
      name += rest_.substr(0, quote);
      rest_.remove_prefix(quote + 1);
      if (!rest_.starts_with('"')) return name;
      name += '"';
      rest_.remove_prefix(1);
    }
  }

  std::optional<int> integer() {
    skip_spaces();
    int value = 0;
    const auto got = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (got.ec != std::errc()) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(got.ptr - rest_.data()));
    return value;
  }

  std::string word() {
    skip_spaces();
    std::string out;
    while (!rest_.empty() && is_word(rest_[0])) {
      out += rest_[0];
      rest_.remove_prefix(1);
    }
    return out;
  }

  std::string lower_word() {
    std::string out = word();
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return out;
  }

  // The bracket that closes the one opened here; 0 when none is.
  char open_bracket() {
    if (take('[')) return ']';
    if (take('(')) return ')';
    return take('<') ? '>' : '\0';
  }

  bool take(char c) {
    skip_spaces();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_spaces() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

}  // namespace

Result<Type> parse_type(std::string_view text) {
  if (Type type = TypeParser(text).whole()) return type;
  const std::string near = did_you_mean(text, known_names());
  return fail(
      {.kind = ErrorKind::Config,
       .message = fmt::format("{} is not a type", shorten(text)),
       .hint =
           near.empty()
               ? "types are int64, float64, bool, string, date, timestamp[us], decimal(P, S), ..."
               : near});
}

}  // namespace polarway
