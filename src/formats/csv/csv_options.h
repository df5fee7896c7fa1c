#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/charset.h"
#include "core/option_table.h"
#include "core/per_column.h"
#include "formats/csv/rows.h"
#include "formats/csv/structural_scan.h"
#include "formats/csv/value_options.h"
#include "formats/sample_length.h"
#include "formats/schema_change.h"
#include "polarway/result.h"
#include "polarway/schema.h"

namespace polarway::csv {

/// How the bytes of text columns are to be read.
enum class Encoding : std::uint8_t {
  Utf8,       ///< Anything that is not valid UTF-8 is an error.
  Utf8Lossy,  ///< What is not valid becomes U+FFFD.
  Latin1,     ///< ISO 8859-1: each byte is the code point of that number.
};

/// What becomes of a row with another number of fields than the table has columns.
enum class Ragged : std::uint8_t {
  Error,
  Truncate,  ///< Fields beyond the columns are left out, missing ones are null.
  Pad,       ///< Missing fields are null; more than there are columns are an error.
  Reject,    ///< The row is left out.
};

/// Where what users do not say comes from.
enum class Dialect : std::uint8_t {
  Default,  ///< RFC 4180 and the guide.
  Auto,     ///< The start of the file: see sniff().
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
  std::optional<ByteText> eol_char;    // nothing: as found
  std::optional<Bytes> max_line_size;  // nothing: as much as the budget has
  std::optional<Ragged> ragged;        // nothing: as the next three say, else an error
  bool truncate_ragged_lines = false;
  bool null_padding = false;
  bool ignore_errors = false;
  std::optional<SchemaChange> on_schema_change;  // nothing: as ignore_errors says
  std::optional<std::int64_t> max_rejects;
  PerColumn<std::vector<std::string>> null_values;  // besides the empty field
  Charset charset;                                  // of the bytes, which may become UTF-8 first
  Encoding encoding = Encoding::Utf8;               // of the text then: parse_csv_options() sets it
  SampleLength infer_schema_length;
  std::optional<Schema> schema;
  bool schema_may_name_others = false;  // columns of other files: set by those who read several
  std::optional<Schema> schema_overrides;
  bool infer_schema = true;
  std::vector<std::string> new_columns;
  std::int64_t skip_rows_after_header = 0;
  std::optional<std::int64_t> n_rows;  // of the file, before any filter

  bool missing_utf8_is_empty_string = false;
  bool empty_string_is_null = false;
  bool quoted_can_be_null = true;
  char decimal_point = '.';
  std::optional<char> thousands;
  std::vector<std::string> true_values;
  std::vector<std::string> false_values;
  bool try_parse_dates = true;
  PerColumn<TimeFormatText> date_format;
  PerColumn<TimeFormatText> timestamp_format;
  PerColumn<TimeFormatText> time_format;
  ZoneName time_zone;
  Dialect dialect = Dialect::Default;
  std::map<std::string, std::string> given = {};  // all that was said, for Dialect::Auto
};

/// Names, aliases, meanings; reads and documents the struct.
const OptionTable<CsvOptions>& csv_option_table();

/// The marks of the dialect, as far as the options say. Lines end with LF, unless they say so.
Marks marks_of(const CsvOptions& options);

/// Which rows are rows, and what becomes of others, as far as the options say.
RowRules rules_of(const CsvOptions& options);
/// What becomes of values that do not fit.
SchemaChange schema_change_of(const CsvOptions& options);

/// Reads the options and refuses combinations that make no sense (delimiter = quote, ...).
Result<CsvOptions> parse_csv_options(const std::map<std::string, std::string>& given);

}  // namespace polarway::csv
