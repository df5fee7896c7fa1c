#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/charset.h"
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

/// What users may say about a CSV. Defaults are RFC 4180's and the guide's.
struct CsvOptions {
  ByteText delimiter = ",";
  bool has_header = true;
  std::int64_t skip_rows = 0;
  std::int64_t skip_lines = 0;  // whatever is in them
  std::optional<char> quote_char = '"';
  std::optional<char> escape_char;  // besides doubled quotes
  std::optional<ByteText> comment_prefix;
  std::optional<ByteText> eol_char;      // nothing: as found
  std::optional<Bytes> max_line_size;    // nothing: as much as the budget has
  std::vector<std::string> null_values;  // besides the empty field
  Charset charset;                       // of the bytes, which may become UTF-8 first
  Encoding encoding = Encoding::Utf8;    // of the text then: parse_csv_options() sets it
  std::int64_t infer_schema_length = 10'000;
  std::optional<Schema> schema;
  bool schema_may_name_others = false;  // columns of other files: set by those who read several
};

/// Names, aliases, meanings; reads and documents the struct.
const OptionTable<CsvOptions>& csv_option_table();

/// The marks of the dialect, as far as the options say. Lines end with LF, unless they say so.
Marks marks_of(const CsvOptions& options);

/// Reads the options and refuses combinations that make no sense (delimiter = quote, ...).
Result<CsvOptions> parse_csv_options(const std::map<std::string, std::string>& given);

}  // namespace polarway::csv
