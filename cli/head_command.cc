#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "commands.h"
#include "exit_code.h"
#include "option_values.h"
#include "polarway/dataframe.h"
#include "results.h"
#include "source_options.h"

namespace polarway::cli {

namespace {

struct HeadOptions {
  SourceOptions source;
  std::int64_t rows = 10;
};

constexpr const char* kExamples =
    "Examples:\n"
    "  polarway head trips.csv\n"
    "  polarway head trips.csv -n 50 -o delimiter=';'\n"
    "\n";

Result<std::string> head_text(const HeadOptions& options) {
  POLARWAY_TRY(SourceConfig config, make_config(options.source));
  config.with_limit(options.rows).with_prefetch(false);
  POLARWAY_TRY(StreamingSource source, open_source(options.source, config));
  POLARWAY_TRY(const DataFrame rows, source.collect());
  return rows.to_string(options.rows) + "\n";
}

}  // namespace

void add_head_command(CLI::App& program, Command& chosen) {
  const auto options = std::make_shared<HeadOptions>();
  CLI::App& command =
      *program.add_subcommand("head", "Print the first rows of a source as a table");
  add_source_options(command, options->source);
  add_count(command, "-n,--rows", options->rows, 0, "How many rows (10)");
  command.footer(std::string(kExamples) + kExitCodesHelp);
  command.callback([options, &chosen] {
    chosen = [options](Interrupt& interrupt) {
      interrupt.set_must_tidy_up(false);
      const Result<std::string> text = head_text(*options);
      return text ? print_results(*text) : report(text.error(), interrupt.signal());
    };
  });
}

}  // namespace polarway::cli
