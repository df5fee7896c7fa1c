#include "core/json_text.h"

#include <fmt/format.h>

#include <charconv>
#include <set>
#include <vector>

#include "core/quoted_text.h"
#include "core/utf8.h"

namespace polarway {

namespace {

constexpr const char* kHex = "hex";

auto refuse(std::string message) {
  return fail({.kind = ErrorKind::Config, .message = std::move(message)});
}

}  // namespace

Result<Json> parse_json_object(std::string_view text) {
  std::vector<std::set<std::string>> keys_of_open_objects;
  std::optional<std::string> twice;
  const auto watch_keys = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) {
      keys_of_open_objects.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      keys_of_open_objects.pop_back();
    } else if (event == Json::parse_event_t::key) {
      if (!keys_of_open_objects.back().insert(parsed.get<std::string>()).second)
        twice = parsed.get<std::string>();
    }
    return true;
  };
  Json json = Json::parse(text, watch_keys, /*allow_exceptions=*/false);
  if (!json.is_object()) return refuse(fmt::format("{} is not a JSON object", shorten(text)));
  if (twice) return refuse(fmt::format("{} occurs twice", shorten(*twice)));
  return json;
}

std::string to_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json bytes_to_json(std::string_view bytes) {
  if (is_utf8(bytes)) return bytes;
  std::string digits;
  for (const char c : bytes) digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return Json{{kHex, std::move(digits)}};
}

std::optional<std::string> bytes_from_json(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_object() || json.size() != 1) return std::nullopt;
  const auto hex = json.find(kHex);
  if (hex == json.end() || !hex->is_string()) return std::nullopt;
  const std::string digits = hex->get<std::string>();
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (const char* pair = digits.data(); pair != digits.data() + digits.size(); pair += 2) {
    unsigned char byte = 0;
    if (std::from_chars(pair, pair + 2, byte, 16).ptr != pair + 2) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

}  // namespace polarway
