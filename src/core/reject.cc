#include "core/json_text.h"
#include "polarway/source.h"

namespace polarway {

namespace {

Json or_null(const std::optional<std::int64_t>& number) {
  return number ? Json(*number) : Json(nullptr);
}

}  // namespace

std::string Reject::to_json() const {
  Json json;
  json["file"] = bytes_to_json(where.location);
  json["row"] = or_null(where.row);
  json["row_byte"] = or_null(row_byte_offset);
  json["byte"] = or_null(where.byte_offset);
  json["column"] = where.column.empty() ? Json(nullptr) : bytes_to_json(where.column);
  json["fault"] = fault;
  json["message"] = message;
  json["raw"] = bytes_to_json(raw);
  return to_line(json);
}

}  // namespace polarway
