#include "formats/json/json_options.h"

#include <utility>

namespace polarway::json {

const OptionTable<JsonOptions>& json_option_table() {
  static const OptionTable<JsonOptions> table = [] {
    using Options = JsonOptions;
    OptionTable<Options> made;
    made.add_choice("format", &Options::layout,
                    "How records follow each other: lines (one a line, NDJSON), values (one behind "
                    "the other), array (the elements of one array). auto: lines in .ndjson and "
                    ".jsonl, else array where the text begins with [, else values.",
                    {{"auto", std::nullopt},
                     {"lines", Layout::Lines},
                     {"newline_delimited", Layout::Lines},
                     {"values", Layout::Values},
                     {"unstructured", Layout::Values},
                     {"array", Layout::Array}},
                    {"layout"})
        .add("records_path", &Options::records_path,
             "Where the array of records, or the one record, is in a larger document: names from "
             "the outermost object on, as data.items, or the JSON pointer /data/items.")
        .add("infer_schema_length", &Options::infer_schema_length,
             "Records that columns and types are inferred from; full: all, which reads a file "
             "twice. Of a pipe, at most its first MiB.",
             {"sample_size"})
        .add("schema", &Options::schema,
             "Types of columns, as `polarway schema --json` prints them; columns it does not name "
             "are inferred, those that no record has are null.")
        .add("schema_overrides", &Options::schema_overrides,
             "Types of columns by name, whatever schema says or the sample looks like.",
             {"dtypes", "types"})
        .add("try_parse_dates", &Options::try_parse_dates,
             "Whether texts that are ISO 8601 dates or timestamps are inferred as such; false: "
             "they are text unless pinned.")
        .add_choice("on_schema_change", &Options::on_schema_change,
                    "What becomes of a value that its column cannot hold, or that is in no column: "
                    "an error; reject leaves the record out; rescue keeps the value in the column "
                    "_rescued, and makes its own column null; widen would change the column's "
                    "type, and is refused where all rows have one schema.",
                    {{"error", SchemaChange::Error},
                     {"reject", SchemaChange::Reject},
                     {"rescue", SchemaChange::Rescue},
                     {"widen", SchemaChange::Widen}})
        .add("max_rejects", &Options::max_rejects,
             "The most records that may be left out; one more is an error.", {"rejects_limit"})
        .add_choice("duplicate_keys", &Options::duplicate_keys,
                    "Of a name that one object has twice: the last value counts, or an error.",
                    {{"last", DuplicateKeys::Last}, {"error", DuplicateKeys::Error}})
        .add("flatten", &Options::flatten,
             "Whether the fields of objects within records are columns of their own: a.b.")
        .add("separator", &Options::separator, "What stands between the names of flatten.")
        .add("max_depth", &Options::max_depth,
             "The most objects and arrays that may be open within each other.")
        .add("n_rows", &Options::n_rows, "Records to read of a file, before any filter; none: all.",
             {"nrows"});
    return made;
  }();
  return table;
}

Result<JsonOptions> parse_json_options(const std::map<std::string, std::string>& given) {
  POLARWAY_TRY(JsonOptions options, json_option_table().parse(given));
  const auto refuse = [](std::string message, std::string hint) {
    return fail(
        {.kind = ErrorKind::Config, .message = std::move(message), .hint = std::move(hint)});
  };
  constexpr std::int64_t kMostDepth = 512;  // what goes down a value takes stack for each level
  if (options.max_depth < 1 || options.max_depth > kMostDepth) {
    return refuse("max_depth is " + std::to_string(options.max_depth), "give 1 to 512");
  }
  POLARWAY_CHECK(check_schema_change(options.on_schema_change));
  if (options.max_rejects.value_or(0) < 0) {
    return refuse("max_rejects is negative", "give 0 or more records, or none");
  }
  if (options.n_rows.value_or(0) < 0) return refuse("n_rows is negative", "give 0 or more records");
  return options;
}

}  // namespace polarway::json
