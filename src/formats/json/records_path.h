#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/option_value.h"
#include "polarway/result.h"

namespace polarway::json {

/// Where the records are in a larger document: the names that lead to them, from the outermost
/// object on. No names: the document itself is them.
struct RecordsPath {
  std::vector<std::string> names;

  /// Reads data.items, $.data.items, $ and the JSON pointer /data/items. Config error for what is
  /// neither.
  static Result<RecordsPath> parse(std::string_view text);
  /// As parse() reads it back: data.items, or a pointer where names have dots in them.
  std::string to_text() const;

  bool operator==(const RecordsPath&) const = default;
};

/// The paths to the arrays of objects in a document, of which `sample` is the beginning, that lead
/// through objects alone: one, where it is clear which records are meant; none; or several. Where
/// there is none, arrays of nothing are taken for them. At most eight.
std::vector<RecordsPath> find_record_arrays(std::string_view sample);

}  // namespace polarway::json

namespace polarway {

template <>
struct OptionValue<json::RecordsPath> {
  static std::string type() { return "path"; }
  static Result<json::RecordsPath> parse(std::string_view text) {
    return json::RecordsPath::parse(text);
  }
  static std::string print(const json::RecordsPath& value) { return value.to_text(); }
};

}  // namespace polarway
