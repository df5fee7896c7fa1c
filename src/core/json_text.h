#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "polarway/result.h"

namespace polarway {

// JSON for what users write and keep: schemas, configs, checkpoints. Keys keep their order. Nothing
// here throws.
using Json = nlohmann::ordered_json;

// Reads an object. Config error for text that is none, and for a key that occurs twice in one
// object, which parsers otherwise settle in silence.
Result<Json> parse_json_object(std::string_view text);

// One line. Keys that are no UTF-8, which JSON cannot hold, lose the bytes that are wrong; for
// values that may be any bytes there is bytes_to_json().
std::string to_line(const Json& json);

// Any bytes as JSON and back: a string where they are UTF-8, {"hex": "ff00"} where not (file names,
// positions). Nothing when `json` is neither.
Json bytes_to_json(std::string_view bytes);
std::optional<std::string> bytes_from_json(const Json& json);

}  // namespace polarway
