#include "core/per_column.h"

#include "core/json_text.h"
#include "core/quoted_text.h"

namespace polarway {

Result<std::map<std::string, std::string>> parse_texts_by_column(std::string_view text) {
  POLARWAY_TRY(const Json object, parse_json_object(text));
  std::map<std::string, std::string> texts;
  for (const auto& [column, value] : object.items()) {
    if (!value.is_string() && !value.is_array() && !value.is_number()) {
      return fail(
          {.kind = ErrorKind::Config,
           .message = "the value of column " + shorten(column) + " is neither text nor list",
           .hint = "write {\"column\": \"text\"} or {\"column\": [\"a\", \"b\"]}"});
    }
    texts[column] = value.is_string() ? value.get<std::string>() : to_line(value);
  }
  return texts;
}

std::string print_texts_by_column(const std::map<std::string, std::string>& texts) {
  Json object = Json::object();
  for (const auto& [column, text] : texts) object[column] = text;
  return to_line(object);
}

}  // namespace polarway
