#pragma once

#include <string>

#include "core/option_value.h"

namespace polarway {

/// A character encoding by its name, in lower case; names that mean the same have one spelling.
///
/// "utf-8", "utf-8-lossy" (what is not valid becomes U+FFFD) and "latin1" are read as they are;
/// text of any other becomes UTF-8 first. "utf-16" and "utf-32" leave the byte order to the text.
struct Charset {
  std::string name = "utf-8";

  bool operator==(const Charset&) const = default;
};

/// The name as iconv(3) knows it.
std::string iconv_name(const Charset& charset);

template <>
struct OptionValue<Charset> {  // any name that iconv(3) knows
  static std::string type() { return "encoding"; }
  static Result<Charset> parse(std::string_view text);
  static std::string print(const Charset& value) { return value.name; }
};

}  // namespace polarway
