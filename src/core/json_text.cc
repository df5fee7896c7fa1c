#include "core/json_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <unordered_set>
#include <vector>

#include "core/quoted_text.h"
#include "core/utf8.h"

namespace polarway {

namespace {

constexpr const char* kHex = "hex";

auto refuse(std::string message) {
  return fail({.kind = ErrorKind::Config, .message = std::move(message)});
}

// Walks through a text for a key that occurs twice in one object. A pass of its own, because the
// library's parser with a callback looks at a whole array again for each object in it.
class RepeatedKey final : public nlohmann::json_sax<Json> {
 public:
  const std::optional<std::string>& found() const { return found_; }

  bool start_object(std::size_t) override {
    keys_of_open_objects_.emplace_back();
    return true;
  }
  bool key(string_t& name) override {
    if (!keys_of_open_objects_.back().insert(name).second) found_ = name;
    return true;
  }
  bool end_object() override {
    keys_of_open_objects_.pop_back();
    return true;
  }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  std::vector<std::unordered_set<std::string>> keys_of_open_objects_;
  std::optional<std::string> found_;
};

}  // namespace

Result<Json> parse_json_object(std::string_view text) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return refuse(fmt::format("{} is not a JSON object", shorten(text)));
  RepeatedKey repeated;
  Json::sax_parse(text, &repeated);
  if (repeated.found()) return refuse(fmt::format("{} occurs twice", shorten(*repeated.found())));
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
