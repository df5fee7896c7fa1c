#include <algorithm>
#include <utility>

#include "core/json_text.h"
#include "polarway/sniff.h"

namespace polarway {
namespace {

// As a shell takes it: in single quotes, unless it is a plain word.
std::string shell_word(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

}  // namespace

std::map<std::string, std::string> CsvDialect::to_map() const {
  std::map<std::string, std::string> map;
  for (const SniffedOption& option : options) {
    if (!option.is_default) map.emplace(option.key, option.value);
  }
  return map;
}

std::string CsvDialect::to_options() const {
  std::string text;
  for (const SniffedOption& option : options) {
    if (option.is_default) continue;
    text += (text.empty() ? "-o " : " -o ") + option.key + "=" + shell_word(option.value);
  }
  return text;
}

std::string CsvDialect::to_json() const {
  Json found = Json::object();
  for (const SniffedOption& option : options) {
    found[option.key] = {{"value", option.value},
                         {"default", option.is_default},
                         {"confidence", option.confidence},
                         {"reason", option.reason}};
  }
  Json columns = Json::array();
  for (int i = 0; i < schema.num_fields(); ++i) {
    const Field field = schema.field(i);
    columns.push_back({{"name", field.name}, {"type", field.type.to_string()}});
  }
  return to_line({{"options", std::move(found)},
                  {"columns", std::move(columns)},
                  {"command_line", to_options()}});
}

}  // namespace polarway
