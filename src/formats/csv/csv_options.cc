#include "formats/csv/csv_options.h"

#include <algorithm>
#include <string_view>

#include "core/quoted_text.h"

namespace polarway::csv {
namespace {

SourceError config_error(std::string message, std::string hint) {
  return {.kind = ErrorKind::Config, .message = std::move(message), .hint = std::move(hint)};
}

// What separates, quotes, escapes, ends lines and begins comments must be told apart.
Result<void> check_dialect(const CsvOptions& options) {
  const ByteText& delimiter = options.delimiter;
  const std::string_view eol = options.eol_char ? options.eol_char->view() : "\n";
  const auto ends_lines = [&](char c) {
    return c == '\n' || c == '\r' || eol.find(c) != std::string_view::npos;
  };
  const auto any_ends_lines = [&](std::string_view bytes) {
    return std::any_of(bytes.begin(), bytes.end(), ends_lines);
  };
  if (options.eol_char && eol.size() != 1 && eol != "\r\n") {
    return fail(config_error("eol_char has several bytes",
                             "give one byte; \\n reads CRLF, too, and none takes what it finds"));
  }
  if (any_ends_lines(delimiter.view())) {
    return fail(config_error("delimiter has a line end in it", "choose another"));
  }
  const std::optional<char>& quote = options.quote_char;
  if (quote && (delimiter.contains(*quote) || ends_lines(*quote))) {
    return fail(config_error("quote_char is the delimiter or a line end",
                             "choose another character, or none"));
  }
  const std::optional<char>& escape = options.escape_char;
  if (escape && (delimiter.contains(*escape) || ends_lines(*escape))) {
    return fail(config_error("escape_char is the delimiter or a line end",
                             "choose another character, or none: quotes are doubled"));
  }
  const auto begins_comment = [&](const std::optional<char>& mark) {
    return mark && static_cast<std::uint8_t>(*mark) == options.comment_prefix->front();
  };
  if (options.comment_prefix &&
      (options.comment_prefix->front() == delimiter.front() || begins_comment(quote) ||
       begins_comment(escape) || any_ends_lines(options.comment_prefix->view()))) {
    return fail(
        config_error("comment_char begins with the delimiter, the quote or the escape, or "
                     "has a line end in it",
                     "choose another"));
  }
  if (options.max_line_size && options.max_line_size->value < 1) {
    return fail(config_error("max_line_size is less than 1 byte", "give 1 or more, or none"));
  }
  return {};
}

Result<void> check_formats(const PerColumn<TimeFormatText>& formats, const char* option,
                           bool wants_date, bool wants_time) {
  const auto check = [&](const TimeFormatText& format) -> Result<void> {
    if (!format.format) return {};
    if (format.format->has_date() == wants_date &&
        (wants_time || (!format.format->has_time() && !format.format->has_zone())) &&
        (wants_date || !format.format->has_zone())) {
      return {};
    }
    return fail(
        config_error(std::string(option) + " " + shorten(format.text) +
                         (wants_date ? wants_time ? " says no day" : " is not one of days alone"
                                     : " is not one of times of day alone"),
                     "date_format has days, time_format times of day, timestamp_format both"));
  };
  POLARWAY_CHECK(check(formats.common));
  for (const auto& entry : formats.named) POLARWAY_CHECK(check(entry.second));
  return {};
}

// The options about values.
Result<void> check_values(const CsvOptions& options) {
  if (options.skip_rows_after_header < 0 || options.n_rows.value_or(0) < 0) {
    return fail(
        config_error("skip_rows_after_header or n_rows is negative", "give 0 or more rows"));
  }
  std::vector<std::string> names = options.new_columns;
  std::sort(names.begin(), names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end()) {
    return fail(config_error("new_columns has " + shorten(*twice) + " twice", "names are unique"));
  }
  if (options.thousands == options.decimal_point) {
    return fail(config_error("thousands is what decimals begin with",
                             "choose another character, or turn decimal_comma around"));
  }
  constexpr std::string_view kNoMark = "0123456789+-eE\"";
  if (options.thousands && kNoMark.find(*options.thousands) != std::string_view::npos) {
    return fail(config_error("thousands is a part of numbers", "choose another character"));
  }
  if (options.true_values.empty() != options.false_values.empty()) {
    return fail(config_error("true_values and false_values come together",
                             "say what means true and what means false"));
  }
  for (const std::string& text : options.true_values) {
    const auto& others = options.false_values;
    if (std::find(others.begin(), others.end(), text) != others.end()) {
      return fail(config_error(shorten(text) + " means both true and false", "decide"));
    }
  }
  POLARWAY_CHECK(check_formats(options.date_format, "date_format", true, false));
  POLARWAY_CHECK(check_formats(options.timestamp_format, "timestamp_format", true, true));
  return check_formats(options.time_format, "time_format", false, true);
}

}  // namespace

const OptionTable<CsvOptions>& csv_option_table() {
  static const OptionTable<CsvOptions> table = [] {
    OptionTable<CsvOptions> made;
    made.add(
            "delimiter", &CsvOptions::delimiter,
            "What stands between fields: one byte or several; tab or \\t, \\x1f and the like spell "
            "what cannot be typed.",
            {"separator", "sep", "delim"})
        .add("has_header", &CsvOptions::has_header,
             "Whether the first row names the columns; else they are column_1, column_2, ...",
             {"header"})
        .add("skip_rows", &CsvOptions::skip_rows,
             "Rows to leave out at the start, before the header. A row in quotes may have several "
             "lines; blank lines and comments before the first do not count.")
        .add("skip_lines", &CsvOptions::skip_lines,
             "Lines to leave out before that, whatever is in them, quotes and comments included.",
             {"skip"})
        .add("quote_char", &CsvOptions::quote_char,
             "The character around fields that contain delimiters or line ends; none: no quoting.",
             {"quote"})
        .add("escape_char", &CsvOptions::escape_char,
             "Takes the meaning of the byte behind it, in quotes and outside, and is gone then. "
             "Doubled quotes stay what they are. none: only they are.",
             {"escape", "escapechar"})
        .add("comment_char", &CsvOptions::comment_prefix,
             "Lines that begin with it are left out; one byte or several.",
             {"comment_prefix", "comment"})
        .add("eol_char", &CsvOptions::eol_char,
             "The byte that ends lines. none: LF, with or without CR before it, or CR where there "
             "is "
             "no LF at the file's start.",
             {"new_line", "lineterminator"})
        .add("max_line_size", &CsvOptions::max_line_size,
             "The most bytes that a row may have, so that a quote which is never closed is found "
             "early; none: as many as the memory limit allows.",
             {"maximum_line_size"})
        .add_choice(
            "ragged", &CsvOptions::ragged,
            "What becomes of a row with too many or too few fields: an error; truncate drops "
            "the fields beyond the columns, and missing ones are null; pad: missing ones are "
            "null, more are an error; reject leaves the row out.",
            {{"error", Ragged::Error},
             {"truncate", Ragged::Truncate},
             {"pad", Ragged::Pad},
             {"reject", Ragged::Reject}})
        .add("truncate_ragged_lines", &CsvOptions::truncate_ragged_lines,
             "The same as ragged=truncate.")
        .add("null_padding", &CsvOptions::null_padding, "The same as ragged=pad.")
        .add_choice(
            "on_schema_change", &CsvOptions::on_schema_change,
            "What becomes of a value that its column cannot hold: an error; reject leaves the "
            "row out; rescue makes it null and keeps its text in the column _rescued; widen "
            "would change the column's type, and is refused where all rows have one schema.",
            {{"error", SchemaChange::Error},
             {"reject", SchemaChange::Reject},
             {"rescue", SchemaChange::Rescue},
             {"widen", SchemaChange::Widen}})
        .add("ignore_errors", &CsvOptions::ignore_errors,
             "Leaves out rows that are ragged, too long or do not fit, and only counts them, where "
             "ragged and on_schema_change say nothing else.")
        .add("max_rejects", &CsvOptions::max_rejects,
             "The most rows that may be left out; one more is an error.", {"rejects_limit"})
        .add("null_values", &CsvOptions::null_values,
             "Texts that mean null, besides the empty field.", {"nullstr", "na_values"})
        .add("encoding", &CsvOptions::charset,
             "Of the text: utf-8 (invalid bytes are an error), utf-8-lossy (they become U+FFFD), "
             "latin1, utf-16, utf-16le, windows-1252 and any other that iconv knows.")
        .add("infer_schema_length", &CsvOptions::infer_schema_length,
             "Rows that the types are inferred from; full: all, which reads a file twice. Of a "
             "pipe, at most its first MiB.",
             {"sample_size"})
        .add("schema", &CsvOptions::schema,
             "Types of columns, as `polarway schema --json` prints them; columns it does not name "
             "are inferred. Without a header, the names and types of all of them.")
        .add("schema_overrides", &CsvOptions::schema_overrides,
             "Types of columns by name, whatever schema says or the sample looks like.",
             {"dtypes", "types"})
        .add("infer_schema", &CsvOptions::infer_schema,
             "false: columns are text, unless schema or schema_overrides say otherwise.")
        .add("new_columns", &CsvOptions::new_columns,
             "Names for the first columns, instead of the header's; other options use them.",
             {"names"})
        .add("skip_rows_after_header", &CsvOptions::skip_rows_after_header,
             "Rows to leave out behind the header.")
        .add("n_rows", &CsvOptions::n_rows, "Rows to read of a file, before any filter; none: all.",
             {"nrows"})
        .add("missing_utf8_is_empty_string", &CsvOptions::missing_utf8_is_empty_string,
             "In columns of text, an empty field is the empty text instead of null.")
        .add("empty_string_is_null", &CsvOptions::empty_string_is_null,
             "In columns of text, an empty field in quotes is null instead of the empty text.")
        .add("quoted_can_be_null", &CsvOptions::quoted_can_be_null,
             "Whether texts that mean null do so in quotes, too.",
             {"allow_quoted_nulls", "quoted_strings_can_be_null"})
        .add_choice("decimal_comma", &CsvOptions::decimal_point,
                    "Whether decimals begin behind a comma, as in 1,5.",
                    {{"false", '.'}, {"true", ','}, {".", '.'}, {",", ','}},
                    {"decimal_separator", "decimal"})
        .add("thousands", &CsvOptions::thousands,
             "The character between groups of three digits, as in 1,234,567.",
             {"thousands_separator"})
        .add("true_values", &CsvOptions::true_values,
             "Texts that mean true, instead of true, True and TRUE.")
        .add("false_values", &CsvOptions::false_values,
             "Texts that mean false, instead of false, False and FALSE.")
        .add("try_parse_dates", &CsvOptions::try_parse_dates,
             "Whether dates and timestamps are inferred; false: they are text unless pinned.")
        .add("date_format", &CsvOptions::date_format,
             "How dates are written, in strptime's directives.", {"dateformat"})
        .add("timestamp_format", &CsvOptions::timestamp_format,
             "How timestamps are written, in strptime's directives.",
             {"timestampformat", "datetime_format"})
        .add("time_format", &CsvOptions::time_format,
             "How times of day are written, in strptime's directives.", {"timeformat"})
        .add("time_zone", &CsvOptions::time_zone,
             "Where timestamps are meant that do not say it themselves: UTC, +02:00, Europe/Paris.",
             {"timezone"})
        .add_choice("dialect", &CsvOptions::dialect,
                    "auto: options that are not given are found in the file's first MiB, as "
                    "`polarway sniff` tells; default: they have the values listed here.",
                    {{"default", Dialect::Default}, {"auto", Dialect::Auto}});
    return made;
  }();
  return table;
}

Marks marks_of(const CsvOptions& options) {
  const auto byte = [](const std::optional<char>& c) {
    return static_cast<std::uint8_t>(c.value_or(0));
  };
  Marks marks{.delimiter = options.delimiter.back(),
              .quote = byte(options.quote_char),
              .has_quote = options.quote_char.has_value(),
              .has_escape = options.escape_char && options.escape_char != options.quote_char,
              .escape = byte(options.escape_char),
              .comment = options.comment_prefix.value_or(ByteText())};
  if (options.delimiter.size() > 1) marks.long_delimiter = options.delimiter;
  if (options.eol_char) {
    marks.eol = options.eol_char->back();
    marks.trims_cr = marks.eol == '\n';
  }
  return marks;
}

RowRules rules_of(const CsvOptions& options) {
  Ragged ragged = options.ignore_errors ? Ragged::Reject : Ragged::Error;
  if (options.null_padding) ragged = Ragged::Pad;
  if (options.truncate_ragged_lines) ragged = Ragged::Truncate;
  ragged = options.ragged.value_or(ragged);
  RowRules rules;
  if (options.max_line_size) rules.max_line_bytes = options.max_line_size->value;
  rules.drops_extra = ragged == Ragged::Truncate;
  rules.fills_missing = ragged == Ragged::Truncate || ragged == Ragged::Pad;
  rules.rejects = ragged == Ragged::Reject || (options.ignore_errors && ragged != Ragged::Error);
  return rules;
}

SchemaChange schema_change_of(const CsvOptions& options) {
  return options.on_schema_change.value_or(options.ignore_errors ? SchemaChange::Reject
                                                                 : SchemaChange::Error);
}

Result<CsvOptions> parse_csv_options(const std::map<std::string, std::string>& given) {
  POLARWAY_TRY(CsvOptions options, csv_option_table().parse(given));
  if (options.dialect == Dialect::Auto) options.given = given;
  if (options.charset.name == "utf-8-lossy") options.encoding = Encoding::Utf8Lossy;
  if (options.charset.name == "latin1") options.encoding = Encoding::Latin1;
  POLARWAY_CHECK(check_dialect(options));
  if (options.skip_rows < 0 || options.skip_lines < 0) {
    return fail(
        config_error(options.skip_rows < 0 ? "skip_rows is negative" : "skip_lines is negative",
                     "give 0 or more"));
  }
  if (options.max_rejects && *options.max_rejects < 0) {
    return fail(config_error("max_rejects is negative", "give 0 or more rows, or none"));
  }
  POLARWAY_CHECK(check_schema_change(schema_change_of(options)));
  const int said = (options.ragged ? 1 : 0) + (options.truncate_ragged_lines ? 1 : 0) +
                   (options.null_padding ? 1 : 0);
  if (said > 1) {
    return fail(config_error("ragged, truncate_ragged_lines and null_padding say the same thing",
                             "give one of them: truncate pads, too"));
  }
  POLARWAY_CHECK(check_values(options));
  return options;
}

}  // namespace polarway::csv
