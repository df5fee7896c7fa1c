#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "polarway/error.h"

namespace polarway::json {

namespace ondemand = simdjson::ondemand;

/// What is wrong with a record: the fact, and the place within it.
struct Trouble {
  ErrorKind kind = ErrorKind::Parse;
  std::string message;
  std::string hint;
  std::string path;          ///< From the record: .a[3].b
  const char* at = nullptr;  ///< In the record's text; null: not known.

  /// The value is within a field, or an element, of what is looked at.
  void within_field(std::string_view name) { path = "." + std::string(name) + path; }
  void within_element(std::int64_t index) { path = "[" + std::to_string(index) + "]" + path; }
};

/// Says what simdjson does not like.
void set_trouble(Trouble& trouble, simdjson::error_code error, const char* at);
/// Says that a value is not JSON at all.
void set_malformed(Trouble& trouble, std::string_view token);

/// The text of a value that is no object and no array, or the rest of the record from one's bracket
/// on. A string is passed: where a colon follows, simdjson would take it for a name otherwise, and
/// go on behind the record.
inline std::string_view take_token(ondemand::value& value) {
  const std::string_view token = value.raw_json_token();
  if (token.front() == '"') {
    ondemand::raw_json_string passed;
    [[maybe_unused]] const simdjson::error_code error = value.get_raw_json_string().get(passed);
  }
  return token;
}

/// The name of a field, its escapes replaced. The next call reuses `room`. False for what is no
/// string.
bool read_key(ondemand::raw_json_string key, const char* text_end, std::string& room,
              std::string_view& name);

/// The text between the quotes of a token that begins with one; escapes are left in it.
inline std::string_view within_quotes(std::string_view token) {
  return token.substr(1, token.size() - 2);
}

/// The token without the blanks behind it.
inline std::string_view without_blanks(std::string_view token) {
  while (!token.empty()) {
    const char c = token.back();
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') break;
    token.remove_suffix(1);
  }
  return token;
}

/// The text of the object or array that begins there, brackets included; it ends before `text_end`,
/// behind which kScanPadding bytes must be readable.
std::string_view container_text(const char* begin, const char* text_end);

inline bool is_container(char first) { return first == '{' || first == '['; }

/// Whether a token that is no object and no array is JSON: a number, true, false, null, a string
/// whose escapes mean something.
bool is_scalar(std::string_view token, std::string& room);

/// Looks through a value, whatever it is, so that nothing in it is taken unread: objects and arrays
/// at most `max_depth` deep.
/// @{
bool check_value(ondemand::value value, std::int64_t max_depth, std::string& room,
                 Trouble& trouble);
bool check_object(ondemand::object object, std::int64_t max_depth, std::string& room,
                  Trouble& trouble);
bool check_array(ondemand::array array, std::int64_t max_depth, std::string& room,
                 Trouble& trouble);
/// @}

}  // namespace polarway::json
