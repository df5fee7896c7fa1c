#include "formats/position.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/quoted_json.h"
#include "core/quoted_text.h"

namespace polarway {

std::string Position::to_text() const {
  const std::string end = end_byte ? fmt::format(",\"end\":{}", *end_byte) : "";
  return fmt::format("{{\"byte\":{}{},\"file\":{},\"row\":{}}}", byte, end, quoted_json(identity),
                     row);
}

Result<Position> Position::parse(const std::string& text, const ByteStream& bytes) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto number = [&](const char* key) {
    return json.is_object() && json.contains(key) && json[key].is_number_integer() &&
           json[key].get<std::int64_t>() >= 0;
  };
  SourceError error;
  error.where.location = bytes.location();
  if (!number("byte") || !number("row") || !json.contains("file") || !json["file"].is_string()) {
    error.kind = ErrorKind::Config;
    error.message = "this is no position in a file: " + shorten(text);
    error.hint = "pass on a checkpoint or split as it was given";
    return fail(std::move(error));
  }
  Position position{
      .byte = json["byte"], .row = json["row"], .end_byte = {}, .identity = json["file"]};
  if (number("end")) position.end_byte = json["end"].get<std::int64_t>();
  if (position.identity != bytes.identity()) {
    error.kind = ErrorKind::Changed;
    error.message = "the file is not the one that the checkpoint or split was made from";
    error.hint = "start again from its first row";
    return fail(std::move(error));
  }
  return position;
}

std::vector<Split> splits_at(std::vector<Position> begins, std::int64_t end,
                             std::int64_t working_set_bytes) {
  std::vector<Split> splits;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    begins[i].end_byte = i + 1 < begins.size() ? begins[i + 1].byte : end;
    splits.push_back({.piece = begins[i].to_text(),
                      .size_bytes = *begins[i].end_byte - begins[i].byte,
                      .working_set_bytes = working_set_bytes});
  }
  return splits;
}

}  // namespace polarway
