#include "formats/json/value.h"

#include <cstdint>
#include <span>

#include "core/quoted_text.h"
#include "formats/json/container_scan.h"
#include "formats/json/number.h"
#include "formats/json/string_text.h"

namespace polarway::json {

void set_trouble(Trouble& trouble, simdjson::error_code error, const char* at) {
  trouble.at = at;
  switch (error) {
    case simdjson::UTF8_ERROR:
      trouble.message = "the record is not valid UTF-8";
      trouble.hint = "JSON is UTF-8: convert the text first";
      return;
    case simdjson::UNESCAPED_CHARS:
      trouble.message = "a control character stands in a string";
      trouble.hint = "line ends in strings are written \\n, tabs \\t";
      return;
    case simdjson::UNCLOSED_STRING:
      trouble.message = "a string is not closed";
      trouble.hint = "mend the record";
      return;
    case simdjson::MEMALLOC:
      trouble.kind = ErrorKind::MemoryLimit;
      trouble.message = "the system refused memory for the record";
      trouble.hint = "lower the memory limit to what there is";
      return;
    default:
      trouble.message =
          "the record is not JSON: a comma, a colon, a bracket or a name is missing, "
          "or there is one too many";
      trouble.hint = "mend the record";
  }
}

void set_malformed(Trouble& trouble, std::string_view token) {
  trouble.kind = ErrorKind::Parse;
  trouble.at = token.data();
  const bool is_text = token.starts_with('"');
  trouble.message =
      shorten(token) + (is_text ? " has an escape that means no character" : " is no JSON value");
  trouble.hint = is_text ? "both halves of a surrogate pair must be there"
                         : "JSON knows numbers such as -1.5e3, true, false, null, and text in "
                           "double quotes; neither NaN nor Infinity";
}

bool read_key(ondemand::raw_json_string key, const char* text_end, std::string& room,
              std::string_view& name) {
  const char* const begin = key.raw();
  const char* end = begin;
  bool is_escaped = false;
  for (; end < text_end && *end != '"'; ++end) {
    if (*end != '\\') continue;
    is_escaped = true;
    if (++end == text_end) return false;
  }
  if (end >= text_end) return false;
  name = {begin, static_cast<std::size_t>(end - begin)};
  if (!is_escaped) return true;
  room.resize(name.size());
  char* const last = unescape(name, room.data());
  if (last == nullptr) return false;
  name = {room.data(), static_cast<std::size_t>(last - room.data())};
  return true;
}

std::string_view container_text(const char* begin, const char* text_end) {
  const std::span text(reinterpret_cast<const std::uint8_t*>(begin),
                       static_cast<std::size_t>(text_end - begin));
  ContainerState state;
  return {begin, scan_container(text, 0, INT64_MAX, state)};
}

bool is_scalar(std::string_view token, std::string& room) {
  if (token.starts_with('"')) {
    if (token.size() < 2 || token.back() != '"') return false;
    const std::string_view text = within_quotes(token);
    if (text.find('\\') == std::string_view::npos) return true;
    room.resize(text.size());
    return unescape(text, room.data()) != nullptr;
  }
  Number number;
  return token == "null" || token == "true" || token == "false" || read_number(token, number);
}

bool check_value(ondemand::value value, std::int64_t max_depth, std::string& room,
                 Trouble& trouble) {
  std::string_view token = take_token(value);
  if (!is_container(token.front())) {
    token = without_blanks(token);
    if (is_scalar(token, room)) return true;
    set_malformed(trouble, token);
    return false;
  }
  if (max_depth <= 0) {
    trouble.message = "objects and arrays are nested too deeply";
    trouble.hint = "raise max_depth";
    trouble.at = token.data();
    return false;
  }
  simdjson::error_code error = simdjson::SUCCESS;
  if (token.front() == '{') {
    ondemand::object object;
    error = value.get_object().get(object);
    if (!error) return check_object(object, max_depth - 1, room, trouble);
  } else {
    ondemand::array array;
    error = value.get_array().get(array);
    if (!error) return check_array(array, max_depth - 1, room, trouble);
  }
  set_trouble(trouble, error, token.data());
  return false;
}

bool check_object(ondemand::object object, std::int64_t max_depth, std::string& room,
                  Trouble& trouble) {
  for (auto found : object) {
    ondemand::field field;
    if (const auto error = std::move(found).get(field)) {
      set_trouble(trouble, error, nullptr);
      return false;
    }
    std::string_view name;
    if (const auto error = field.unescaped_key().get(name)) {
      set_trouble(trouble, error, nullptr);
      return false;
    }
    if (!check_value(field.value(), max_depth, room, trouble)) {
      trouble.within_field(name);
      return false;
    }
  }
  return true;
}

bool check_array(ondemand::array array, std::int64_t max_depth, std::string& room,
                 Trouble& trouble) {
  std::int64_t index = 0;
  for (auto found : array) {
    ondemand::value value;
    if (const auto error = found.get(value)) {
      set_trouble(trouble, error, nullptr);
      return false;
    }
    if (!check_value(value, max_depth, room, trouble)) {
      trouble.within_element(index);
      return false;
    }
    ++index;
  }
  return true;
}

}  // namespace polarway::json
