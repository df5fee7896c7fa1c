#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "transports/http_headers.h"
#include "transports/http_url.h"

namespace polarway::rest {

/// A value of a page outside its records.
struct Fact {
  enum class Kind : std::uint8_t { Null, Bool, Number, Text, Container };
  Kind kind = Kind::Null;
  std::string text = {};  ///< Of a text without its quotes and escapes; else as it stands.

  /// Whether it is a token to go on with: a text that is not empty, or a number.
  bool is_token() const { return kind == Kind::Number || (kind == Kind::Text && !text.empty()); }
  bool is_true() const { return kind == Kind::Bool && text == "true"; }
  bool is_false() const { return kind == Kind::Bool && text == "false"; }
  /// Not negative; nothing for what is no such number, in digits or a text of them.
  std::optional<std::int64_t> count() const;
};

/// All that tells what follows a page.
struct PageFacts {
  HttpUrl url;  ///< It was asked for at, behind redirects.
  HttpHeaders headers;
  std::vector<std::optional<Fact>> values;  ///< Of Paginator::wanted(), in its order.
  std::int64_t num_records = 0;
};

}  // namespace polarway::rest
