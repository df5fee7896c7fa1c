#include "formats/parquet/position.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/quoted_text.h"

namespace polarway::pq {

// Written by hand, for every chunk: a json object of nlohmann's needs memory even to go away, and
// without any it ends the process. An identity is made of digits, a point and a dash.
std::string Position::to_text() const {
  const std::string end = end_group ? fmt::format(",\"end\":{}", *end_group) : "";
  return fmt::format("{{\"row_group\":{}{},\"file\":\"{}\",\"row\":{}}}", row_group, end, identity,
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
  if (!number("row_group") || !number("row") || !json.contains("file") ||
      !json["file"].is_string()) {
    error.kind = ErrorKind::Config;
    error.message = "this is no position in a Parquet file: " + shorten(text);
    error.hint = "pass on a checkpoint or split as it was given";
    return fail(std::move(error));
  }
  Position position{.row_group = json["row_group"],
                    .row = json["row"],
                    .end_group = {},
                    .identity = json["file"]};
  if (number("end")) position.end_group = json["end"].get<std::int64_t>();
  if (position.identity != bytes.identity()) {
    error.kind = ErrorKind::Changed;
    error.message = "the file is not the one that the checkpoint or split was made from";
    error.hint = "start again from its first row";
    return fail(std::move(error));
  }
  return position;
}

}  // namespace polarway::pq
