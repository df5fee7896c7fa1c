#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/json/records_path.h"
#include "polarway/result.h"
#include "sources/http/records_pass.h"

namespace polarway::rest {

/// Where the records of a page are.
struct PageShape {
  /// Nothing: the page itself is the records; else names lead to them.
  std::optional<json::RecordsPath> path = {};
  /// Of the page, where there is no path.
  RecordsPass::Shape records = RecordsPass::Shape::Array;
  std::string note;  ///< What was found out, for the user; empty where it was said.
};

/// What is known before a page is looked at.
struct ShapeHints {
  std::optional<json::RecordsPath> records_path = {};  ///< As the user gave it.
  bool is_lines = false;     ///< The user, or the content type, says NDJSON.
  std::string content_type;  ///< For errors.
};

/// What a page is that begins with `sample`, without its byte order mark; `is_whole`: nothing
/// follows. Config error where several arrays could be the records, or none is in the sample; Parse
/// error where it is no JSON; Network where it is cut off. Errors have no place.
Result<PageShape> find_shape(std::string_view sample, bool is_whole, const ShapeHints& hints);

}  // namespace polarway::rest
