#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/option_table.h"
#include "formats/csv/structural_scan.h"
#include "polarway/result.h"
#include "polarway/schema.h"

namespace polarway::csv {

/// How the bytes of text columns are to be read.
enum class Encoding : std::uint8_t {
  Utf8,       ///< Anything that is not valid UTF-8 is an error.
  Utf8Lossy,  ///< What is not valid becomes U+FFFD.
  Latin1,     ///< ISO 8859-1: each byte is the code point of that number.
};

/// Where what users do not say comes from.
enum class Dialect : std::uint8_t {
  Default,  ///< RFC 4180 and the guide.
  Auto,     ///< The start of the file: see sniff().
};

/// What users may say about a CSV. Defaults are RFC 4180's and the guide's.
struct CsvOptions {
  char delimiter = ',';
  bool has_header = true;
  std::int64_t skip_rows = 0;
  std::optional<char> quote_char = '"';
  std::optional<char> comment_char;
  std::vector<std::string> null_values;  // besides the empty field
  Encoding encoding = Encoding::Utf8;
  std::int64_t infer_schema_length = 10'000;
  std::optional<Schema> schema;
  Dialect dialect = Dialect::Default;
  std::map<std::string, std::string> given = {};  // all that was said, for Dialect::Auto
};

/// Names, aliases, meanings; reads and documents the struct.
const OptionTable<CsvOptions>& csv_option_table();

/// Reads the options and refuses combinations that make no sense (delimiter = quote, ...).
Result<CsvOptions> parse_csv_options(const std::map<std::string, std::string>& given);

}  // namespace polarway::csv
