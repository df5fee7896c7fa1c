#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "exit_code.h"
#include "polarway/expr.h"
#include "progress.h"
#include "reject_report.h"
#include "results.h"
#include "source_options.h"

namespace polarway::cli {

namespace {

struct CountOptions {
  SourceOptions source;
  std::string where;
};

constexpr const char* kExamples =
    "Examples:\n"
    "  polarway count trips.csv\n"
    "  polarway count 2026-01.csv 2026-02.csv\n"
    "  polarway count trips.csv --where 'fare > 30 and tip is null'\n"
    "\n";

Result<std::int64_t> count_rows(const CountOptions& options, Interrupt& interrupt) {
  POLARWAY_TRY(SourceConfig config, make_config(options.source));
  config.with_columns(std::vector<std::string>{});  // rows without columns: nothing is decoded
  if (!options.where.empty()) {
    POLARWAY_TRY(Expr predicate, parse_expr(options.where));
    config.with_filter(std::move(predicate));
  }
  POLARWAY_TRY(StreamingSource source, open_source(options.source, config));

  const SourceMetadata& metadata = source.metadata();
  if (options.where.empty() && metadata.num_records) return *metadata.num_records;

  Progress progress(ProgressMode::Auto, metadata.size_bytes);
  POLARWAY_TRY(RejectReport rejects, RejectReport::make({}, 0, source));
  std::int64_t rows = 0;
  for (;;) {
    POLARWAY_TRY(const std::optional<DataFrame> chunk, source.read_chunk(interrupt.token()));
    POLARWAY_CHECK(rejects.collect());
    if (!chunk) {
      progress.clear();
      if (const std::string summary = rejects.summary(); !summary.empty()) print_note(summary);
      return rows;
    }
    rows += chunk->height();
    progress.update(source);
    if (interrupt.token().stop_requested()) {
      return fail({.kind = ErrorKind::Cancelled, .message = "stopped by a signal"});
    }
  }
}

}  // namespace

void add_count_command(CLI::App& program, Command& chosen) {
  const auto options = std::make_shared<CountOptions>();
  CLI::App& command =
      *program.add_subcommand("count", "Print the number of rows, decoding nothing");
  add_source_options(command, options->source);
  command.add_option("--where", options->where, "Only rows where this is true")
      ->option_text("EXPR");
  command.footer(std::string(kExamples) + kExitCodesHelp);
  command.callback([options, &chosen] {
    chosen = [options](Interrupt& interrupt) {
      interrupt.set_must_tidy_up(false);
      const Result<std::int64_t> rows = count_rows(*options, interrupt);
      return rows ? print_results(std::to_string(*rows) + "\n")
                  : report(rows.error(), interrupt.signal());
    };
  });
}

}  // namespace polarway::cli
