#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>

#include "commands.h"
#include "exit_code.h"
#include "polarway/sniff.h"
#include "results.h"
#include "source_options.h"

namespace polarway::cli {

namespace {

struct SniffOptions {
  SourceOptions source;
  bool json = false;
};

constexpr const char* kExamples =
    "Examples:\n"
    "  polarway sniff trips.csv\n"
    "  polarway sniff trips.csv -o delimiter=';'    where one thing is known\n"
    "  polarway stream trips.csv -o dialect=auto    reads it as sniff tells\n"
    "\n";

std::string shown(const SniffedOption& option) {
  return option.value == " " ? "' '" : option.value;
}

std::string table_of(const CsvDialect& dialect) {
  std::string table;
  for (const SniffedOption& option : dialect.options) {
    table += fmt::format("{:<13}  {:<12}  {:>3.0f} %  {}\n", option.key, shown(option),
                         100 * option.confidence, option.reason);
  }
  std::size_t width = 6;
  for (const std::string& name : dialect.schema.names()) width = std::max(width, name.size());
  table += fmt::format("\n{:<{}}  {}\n", "column", width, "type");
  for (int i = 0; i < dialect.schema.num_fields(); ++i) {
    const Field field = dialect.schema.field(i);
    table += fmt::format("{:<{}}  {}\n", field.name, width, field.type.to_string());
  }
  const std::string options = dialect.to_options();
  return table + "\n" + (options.empty() ? "no options are needed" : options) + "\n";
}

Result<std::string> sniff_text(const SniffOptions& options) {
  POLARWAY_TRY(const SourceConfig config, make_config(options.source));
  POLARWAY_TRY(const CsvDialect dialect, sniff_csv(config));
  return options.json ? dialect.to_json() + "\n" : table_of(dialect);
}

}  // namespace

void add_sniff_command(CLI::App& program, Command& chosen) {
  const auto options = std::make_shared<SniffOptions>();
  CLI::App& command =
      *program.add_subcommand("sniff", "Find out how a CSV is to be read, and say why");
  add_source_options(command, options->source);
  command.add_flag("--json", options->json, "As JSON");
  command.footer(std::string(kExamples) + kExitCodesHelp);
  command.callback([options, &chosen] {
    chosen = [options](Interrupt& interrupt) {
      interrupt.set_must_tidy_up(false);
      const Result<std::string> text = sniff_text(*options);
      return text ? print_results(*text) : report(text.error(), interrupt.signal());
    };
  });
}

}  // namespace polarway::cli
