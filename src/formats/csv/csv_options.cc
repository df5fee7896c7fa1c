#include "formats/csv/csv_options.h"

namespace polarway::csv {
namespace {

SourceError config_error(std::string message, std::string hint) {
  return {.kind = ErrorKind::Config, .message = std::move(message), .hint = std::move(hint)};
}

bool ends_lines(char c) { return c == '\n' || c == '\r'; }

}  // namespace

const OptionTable<CsvOptions>& csv_option_table() {
  static const OptionTable<CsvOptions> table = [] {
    OptionTable<CsvOptions> made;
    made.add("delimiter", &CsvOptions::delimiter, "The character between fields.",
             {"separator", "sep", "delim"})
        .add("has_header", &CsvOptions::has_header,
             "Whether the first row names the columns; else they are column_1, column_2, ...",
             {"header"})
        .add("skip_rows", &CsvOptions::skip_rows,
             "Rows to leave out at the start, before the header.", {"skip"})
        .add("quote_char", &CsvOptions::quote_char,
             "The character around fields that contain delimiters or line ends; none: no quoting.",
             {"quote"})
        .add("comment_char", &CsvOptions::comment_char, "Lines that begin with it are left out.",
             {"comment_prefix", "comment"})
        .add("null_values", &CsvOptions::null_values,
             "Texts that mean null, besides the empty field.", {"nullstr"})
        .add_choice("encoding", &CsvOptions::encoding,
                    "Of the text: utf-8 (invalid bytes are an error), utf-8-lossy (they become "
                    "U+FFFD) or latin1.",
                    {{"utf-8", Encoding::Utf8},
                     {"utf8", Encoding::Utf8},
                     {"utf-8-lossy", Encoding::Utf8Lossy},
                     {"utf8-lossy", Encoding::Utf8Lossy},
                     {"latin1", Encoding::Latin1},
                     {"latin-1", Encoding::Latin1},
                     {"iso-8859-1", Encoding::Latin1}})
        .add("infer_schema_length", &CsvOptions::infer_schema_length,
             "Rows that the types are inferred from; of a pipe, at most its first MiB.",
             {"sample_size"})
        .add("schema", &CsvOptions::schema,
             "Types of columns, as `polarway schema --json` prints them; columns it does not name "
             "are inferred.")
        .add_choice("dialect", &CsvOptions::dialect,
                    "auto: options that are not given are found in the file's first MiB, as "
                    "`polarway sniff` tells; default: they have the values listed here.",
                    {{"default", Dialect::Default}, {"auto", Dialect::Auto}});
    return made;
  }();
  return table;
}

Result<CsvOptions> parse_csv_options(const std::map<std::string, std::string>& given) {
  POLARWAY_TRY(CsvOptions options, csv_option_table().parse(given));
  if (options.dialect == Dialect::Auto) options.given = given;
  if (ends_lines(options.delimiter)) {
    return fail(config_error("delimiter is a line end", "choose another character"));
  }
  if (options.quote_char &&
      (*options.quote_char == options.delimiter || ends_lines(*options.quote_char))) {
    return fail(config_error("quote_char is the delimiter or a line end",
                             "choose another character, or none"));
  }
  if (options.comment_char &&
      (*options.comment_char == options.delimiter || ends_lines(*options.comment_char) ||
       options.comment_char == options.quote_char)) {
    return fail(config_error("comment_char is the delimiter, the quote or a line end",
                             "choose another character"));
  }
  if (options.skip_rows < 0) {
    return fail(config_error("skip_rows is negative", "give 0 or more rows"));
  }
  if (options.infer_schema_length < 1) {
    return fail(
        config_error("infer_schema_length is less than 1", "give the number of rows to look at"));
  }
  return options;
}

}  // namespace polarway::csv
