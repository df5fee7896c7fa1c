#include "sources/file_options.h"

namespace polarway {

const OptionTable<FileOptions>& file_option_table() {
  static const OptionTable<FileOptions> table = [] {
    using Options = FileOptions;
    OptionTable<Options> made;
    made.add("glob", &Options::glob,
             "Whether * ? [ in a location are a pattern; false takes names as they stand.")
        .add("union_by_name", &Options::union_by_name,
             "Of several files: the columns are those of all, by name; where a file lacks one, it "
             "is null.")
        .add_choice(
            "missing_columns", &Options::missing_columns,
            "When a file lacks a column of the first file: raise an error, or insert nulls.",
            {{"raise", MissingColumns::Raise}, {"insert", MissingColumns::Insert}})
        .add_choice("extra_columns", &Options::extra_columns,
                    "When a file has a column that the first file has not: raise an error, or "
                    "ignore it.",
                    {{"raise", ExtraColumns::Raise}, {"ignore", ExtraColumns::Ignore}})
        .add("include_file_paths", &Options::include_file_paths,
             "Name of a column with the path of each row's file; true calls it filename.",
             {"filename"})
        .add_choice("hive_partitioning", &Options::hive_partitioning,
                    "Whether folders called key=value are columns; auto: when all files of a "
                    "list, glob or directory are in folders of the same keys.",
                    {{"auto", HivePartitioning::Auto},
                     {"true", HivePartitioning::On},
                     {"false", HivePartitioning::Off}})
        .add("row_index_name", &Options::row_index_name,
             "Name of a column with the number of each row, over all files.")
        .add("row_index_offset", &Options::row_index_offset, "The number of the first row.");
    return made;
  }();
  return table;
}

Result<FileOptions> parse_file_options(const std::map<std::string, std::string>& given) {
  POLARWAY_TRY(FileOptions options, file_option_table().parse(given));
  // DuckDB's `filename` is a switch or a name.
  if (options.include_file_paths == "true") options.include_file_paths = "filename";
  if (options.include_file_paths == "false") options.include_file_paths.reset();
  const auto refuse = [](std::string message, std::string hint) {
    return fail(
        {.kind = ErrorKind::Config, .message = std::move(message), .hint = std::move(hint)});
  };
  if (options.row_index_name && options.row_index_name == options.include_file_paths) {
    return refuse("row_index_name and include_file_paths are the same name", "choose another");
  }
  if (options.row_index_offset < 0) {
    return refuse("row_index_offset is negative", "give 0 or more");
  }
  if (options.union_by_name && options.extra_columns == ExtraColumns::Ignore) {
    return refuse("union_by_name takes all columns, and extra_columns=ignore leaves some out",
                  "give one of them");
  }
  return options;
}

}  // namespace polarway
