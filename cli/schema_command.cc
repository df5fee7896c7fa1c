#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>

#include "commands.h"
#include "exit_code.h"
#include "polarway/schema.h"
#include "results.h"
#include "source_options.h"

namespace polarway::cli {

namespace {

struct SchemaOptions {
  SourceOptions source;
  bool json = false;
};

constexpr const char* kExamples =
    "Examples:\n"
    "  polarway schema trips.csv\n"
    "  polarway stream 2026-*.csv -o schema=\"$(polarway schema 2026-01.csv --json)\"\n"
    "      pins the types that one file has for all of them\n"
    "\n";

std::string table_of(const Schema& schema) {
  std::size_t width = 6;
  for (const std::string& name : schema.names()) width = std::max(width, name.size());
  std::string table = fmt::format("{:<{}}  {}\n", "column", width, "type");
  for (int i = 0; i < schema.num_fields(); ++i) {
    const Field field = schema.field(i);
    table += fmt::format("{:<{}}  {}{}\n", field.name, width, field.type.to_string(),
                         field.nullable ? "" : ", never null");
  }
  return table;
}

Result<std::string> schema_text(const SchemaOptions& options) {
  POLARWAY_TRY(SourceConfig config, make_config(options.source));
  config.with_prefetch(false);
  POLARWAY_TRY(const StreamingSource source, open_source(options.source, config));
  const Schema& schema = source.metadata().schema;
  return options.json ? schema.to_json() + "\n" : table_of(schema);
}

}  // namespace

void add_schema_command(CLI::App& program, Command& chosen) {
  const auto options = std::make_shared<SchemaOptions>();
  CLI::App& command =
      *program.add_subcommand("schema", "Print the names and types of a source's columns");
  add_source_options(command, options->source);
  command.add_flag("--json", options->json, "As JSON, ready for -o schema=...");
  command.footer(std::string(kExamples) + kExitCodesHelp);
  command.callback([options, &chosen] {
    chosen = [options](Interrupt& interrupt) {
      interrupt.set_must_tidy_up(false);
      const Result<std::string> text = schema_text(*options);
      return text ? print_results(*text) : report(text.error(), interrupt.signal());
    };
  });
}

}  // namespace polarway::cli
