#include "sources/builtin.h"

#include "formats/csv/csv_decoder.h"
#include "formats/ipc/ipc_decoder.h"
#include "formats/json/json_decoder.h"
#include "formats/parquet/parquet_decoder.h"
#include "sources/file_listing.h"
#include "sources/file_sequence.h"
#include "sources/http/http_source.h"
#include "transports/compression.h"
#include "transports/local_file.h"
#include "transports/open_bytes.h"

namespace polarway {
namespace {

// Those of a format, and those of the files and their bytes, whatever is in them.
std::vector<OptionInfo> with_file_options(std::vector<OptionInfo> of_format) {
  for (OptionInfo& option : byte_option_table().describe()) of_format.push_back(std::move(option));
  for (OptionInfo& option : file_option_table().describe()) of_format.push_back(std::move(option));
  return of_format;
}

Result<void> check_row_numbers(const FileOptions& options, bool leaves_rows_out,
                               const std::string& options_that_do) {
  if (!options.row_index_name || !leaves_rows_out) return {};
  return fail({.kind = ErrorKind::Config,
               .message = "row_index_name numbers rows one after the other, and some may be left "
                          "out here",
               .hint = "leave out " + options_that_do + ", or the numbers"});
}

Result<std::unique_ptr<SourceReader>> make_csv_reader(const SourceConfig& config,
                                                      std::vector<std::string> extensions) {
  const std::map<std::string, std::string>& given = config.options();
  POLARWAY_TRY(csv::CsvOptions options, csv::parse_csv_options(given));
  POLARWAY_TRY(const ByteOptions byte_options, parse_byte_options(given));
  POLARWAY_TRY(FileOptions file_options, parse_file_options(given));
  POLARWAY_CHECK(check_row_numbers(
      file_options,
      csv::rules_of(options).rejects || csv::schema_change_of(options) != SchemaChange::Error,
      "ignore_errors, ragged=reject and on_schema_change"));
  FileFormat format{.make_decoder = {},
                    .open_bytes =
                        [byte_options, charset = options.charset](const std::string& path,
                                                                  const Context& context) {
                          return open_bytes(path, byte_options, charset, context.budget,
                                            context.stop);
                        },
                    .extensions = std::move(extensions),
                    .pinned = {}};
  if (file_options.allows_differences() && options.has_header) {
    format.pinned = options.schema;
    options.schema_may_name_others = true;
  }
  // A tab-separated file says so by its name; whoever says otherwise is believed.
  const OptionInfo delimiter = csv::csv_option_table().describe().front();
  POLARWAY_TRY(const std::string* said, find_option(delimiter, given));
  format.make_decoder = [options, by_name = said == nullptr](const std::string& path) {
    csv::CsvOptions of_file = options;
    if (by_name && name_without_format(path).ends_with(".tsv")) of_file.delimiter = "\t";
    return csv::make_csv_decoder(std::move(of_file));
  };
  return make_file_sequence(config.locations(), std::move(file_options), std::move(format));
}

SourceKind csv_kind() {
  const std::vector<std::string> extensions = {"csv", "tsv", "txt"};
  return {
      .name = "csv",
      .aliases = {},
      .description = "Comma-separated values and their kin, from local files or standard input.",
      .extensions = extensions,
      .options = with_file_options(csv::csv_option_table().describe()),
      .make_reader = [extensions](const SourceConfig& config) {
        return make_csv_reader(config, extensions);
      }};
}

Result<std::unique_ptr<SourceReader>> make_json_reader(const SourceConfig& config,
                                                       std::optional<json::Layout> layout,
                                                       std::vector<std::string> extensions) {
  const std::map<std::string, std::string>& given = config.options();
  POLARWAY_TRY(json::JsonOptions options, json::parse_json_options(given));
  POLARWAY_TRY(const ByteOptions byte_options, parse_byte_options(given));
  POLARWAY_TRY(FileOptions file_options, parse_file_options(given));
  POLARWAY_CHECK(check_row_numbers(file_options, options.on_schema_change == SchemaChange::Reject,
                                   "on_schema_change=reject"));
  if (!options.layout) options.layout = layout;
  FileFormat format{
      .make_decoder = [options](const std::string&) { return json::make_json_decoder(options); },
      .open_bytes =
          [byte_options](const std::string& path, const Context& context) {
            return open_bytes(path, byte_options, Charset(), context.budget, context.stop);
          },
      .extensions = std::move(extensions),
      .pinned = {}};
  return make_file_sequence(config.locations(), std::move(file_options), std::move(format));
}

SourceKind json_kind() {
  const std::vector<std::string> extensions = {"json"};
  return {.name = "json",
          .aliases = {},
          .description =
              "JSON: an array of records, or one record behind the other, from local "
              "files or standard input.",
          .extensions = extensions,
          .options = with_file_options(json::json_option_table().describe()),
          .make_reader = [extensions](const SourceConfig& config) {
            return make_json_reader(config, std::nullopt, extensions);
          }};
}

SourceKind ndjson_kind() {
  const std::vector<std::string> extensions = {"ndjson", "jsonl"};
  return {.name = "ndjson",
          .aliases = {"jsonl"},
          .description = "JSON with one record a line, from local files or standard input.",
          .extensions = extensions,
          .options = with_file_options(json::json_option_table().describe()),
          .make_reader = [extensions](const SourceConfig& config) {
            return make_json_reader(config, json::Layout::Lines, extensions);
          }};
}

// Pages are compressed, and no file around them.
std::vector<OptionInfo> parquet_options() {
  std::vector<OptionInfo> options = file_option_table().describe();
  for (OptionInfo& option : byte_option_table().describe()) {
    if (option.name == "use_mmap") options.push_back(std::move(option));
  }
  return options;
}

// Columns are read from many places of a file, so it is taken as it lies there.
SourceKind parquet_kind() {
  const std::vector<std::string> extensions = {"parquet", "pq"};
  return {.name = "parquet",
          .aliases = {},
          .description = "Apache Parquet, from local files.",
          .extensions = extensions,
          .options = parquet_options(),
          .make_reader =
              [extensions](const SourceConfig& config) -> Result<std::unique_ptr<SourceReader>> {
            POLARWAY_TRY(const ByteOptions byte_options, parse_byte_options(config.options()));
            POLARWAY_TRY(FileOptions file_options, parse_file_options(config.options()));
            FileFormat format{
                .make_decoder = [](const std::string&) { return pq::make_parquet_decoder(); },
                .open_bytes = [mapped = byte_options.use_mmap == UseMmap::True](
                                  const std::string& path,
                                  const Context&) { return open_local_file(path, mapped); },
                .extensions = extensions,
                .pinned = {},
                .decodes_ahead = true};
            return make_file_sequence(config.locations(), std::move(file_options),
                                      std::move(format));
          }};
}

Result<std::unique_ptr<SourceReader>> make_ipc_reader(const SourceConfig& config,
                                                      std::vector<std::string> extensions) {
  POLARWAY_TRY(const ByteOptions byte_options, parse_byte_options(config.options()));
  POLARWAY_TRY(FileOptions file_options, parse_file_options(config.options()));
  FileFormat format{.make_decoder = [](const std::string&) { return ipc::make_ipc_decoder(); },
                    .open_bytes =
                        [byte_options](const std::string& path, const Context& context) {
                          return open_binary(path, byte_options, context.budget, context.stop);
                        },
                    .extensions = std::move(extensions),
                    .pinned = {}};
  return make_file_sequence(config.locations(), std::move(file_options), std::move(format));
}

SourceKind ipc_kind() {
  const std::vector<std::string> extensions = {"arrow", "ipc", "feather", "arrows"};
  return {.name = "ipc",
          .aliases = {"arrow", "feather"},
          .description =
              "Arrow IPC, files (Feather version 2) and streams, local or from standard "
              "input.",
          .extensions = extensions,
          .options = with_file_options({}),
          .make_reader = [extensions](const SourceConfig& config) {
            return make_ipc_reader(config, extensions);
          }};
}

// No kind of its own: SourceRegistry::create() takes that of the files.
SourceKind filesystem_kind() {
  return {.name = "filesystem",
          .aliases = {"file"},
          .description =
              "Local files, a directory or a glob, of the one kind that they have; with "
              "that kind's options.",
          .extensions = {},
          .options = with_file_options({}),
          .make_reader = [](const SourceConfig& config) -> Result<std::unique_ptr<SourceReader>> {
            return fail({.kind = ErrorKind::UnsupportedSource,
                         .where = {.location = config.location()},
                         .message = "the files have to tell their kind first",
                         .hint = "use SourceRegistry::create()"});
          }};
}

SourceKind http_kind() {
  return {.name = "http",
          .aliases = {"https"},
          .description =
              "REST endpoints, all pages of them as one table, and files behind a URL: JSON, CSV, "
              "Parquet, Arrow IPC.",
          .extensions = {},
          .options = rest::http_source_options(),
          .make_reader = rest::make_http_source};
}

}  // namespace

std::vector<SourceKind> builtin_sources() {
  return {csv_kind(), json_kind(),       ndjson_kind(), parquet_kind(),
          ipc_kind(), filesystem_kind(), http_kind()};
}

}  // namespace polarway
