#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "commands.h"
#include "exit_code.h"
#include "option_values.h"
#include "results.h"
#include "stream_job.h"
#include "stream_summary.h"

namespace polarway::cli {

namespace {

enum class StatsMode { None, Text, Json };

struct StreamOptions {
  StreamJob job;
  StatsMode stats = StatsMode::None;
};

constexpr const char* kExamples =
    "Examples:\n"
    "  polarway stream trips.csv\n"
    "      decodes all of it and says how fast, in how much memory\n"
    "  polarway stream trips.csv --where 'fare > 30' --select city,fare --to big.parquet\n"
    "      only the columns that are asked for are decoded\n"
    "  polarway stream trips.csv --select 'city, fare * 1.19 as gross' --to - | head\n"
    "      rows as CSV on standard output\n"
    "  polarway stream trips.csv --memory-limit 64MB -o delimiter=';' --digest\n"
    "      a digest, the nulls and the sum of every column, as JSON\n"
    "  polarway stream 'trips/**/*.csv' -o union_by_name=true -o include_file_paths=file --to "
    "all.csv\n"
    "      many files as one, read in the order of their paths\n"
    "  polarway stream trips.csv --to trips.ndjson --checkpoint trips.checkpoint\n"
    "      after a crash, the same command goes on where the output was safe\n"
    "\n"
    "Without --to every selected value of every row is decoded, as a program would get it, and a\n"
    "summary is printed. Results go to standard output, everything else to standard error. OUT\n"
    "appears under its name when it is complete, and never otherwise.\n"
    "\n";

int run_stream(const StreamOptions& options, Interrupt& interrupt) {
  const StreamJob& job = options.job;
  if (job.digest && job.to == "-") {
    return report({.kind = ErrorKind::Config,
                   .message = "--digest and --to - both want standard output",
                   .hint = "leave out one of them, or write the rows to a file"});
  }

  interrupt.set_must_tidy_up(false);  // until there is an output file
  StreamReport outcome;
  const Result<void> done = run(job, interrupt, outcome);
  int exit_code = kDone;
  if (!done) {
    exit_code = report(done.error(), interrupt.signal());
  } else if (!outcome.is_reader_gone) {
    print_note(summary_text(job, outcome));
    if (job.digest) exit_code = print_results(outcome.digest_json);
  }
  if (!outcome.rejects.empty()) print_note(outcome.rejects);
  if (outcome.is_opened && options.stats == StatsMode::Text) print_note(stats_table(outcome));
  if (outcome.is_opened && options.stats == StatsMode::Json) print_note(stats_json(outcome));
  return exit_code;
}

void add_selection_options(CLI::App& command, StreamJob& job) {
  command
      .add_option("--where", job.where, "Only rows where this is true: age > 30 and city = 'Bern'")
      ->option_text("EXPR");
  command.add_option("--select", job.select, "Only these columns, or values computed from them")
      ->option_text("EXPR,...");
  add_count(command, "--limit", job.limit, 0, "At most this many rows, counted after --where");
}

void add_output_options(CLI::App& command, StreamOptions& options) {
  StreamJob& job = options.job;
  command
      .add_option("--to", job.to,
                  "Write the rows to this file; - is standard output, as CSV unless --to-format "
                  "says otherwise")
      ->option_text("OUT");
  command
      .add_option("--to-format", job.to_format,
                  "csv, ndjson, parquet or ipc; else the ending of OUT decides")
      ->option_text("FORMAT");
  command
      .add_option("--to-option", job.to_settings,
                  "Set an option of the output, such as escape_formulas=true; repeat for more")
      ->option_text("KEY=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--partition-by", job.partition_by,
                  "Write a folder for each value of these columns: OUT/year=2024/part-000000...")
      ->delimiter(',')
      ->option_text("COLUMN,...");
  command
      .add_option("--max-file-size", job.max_file_size,
                  "Write several files into the folder OUT, each about as large")
      ->option_text("SIZE");
  command
      .add_option("--checkpoint", job.checkpoint,
                  "Keep in this file how far the output is safe: after a crash or Ctrl-C the same "
                  "command goes on there. Parquet and Arrow files become folders of parts")
      ->option_text("FILE");
  command
      .add_option("--checkpoint-every", job.checkpoint_seconds,
                  "Seconds between two such positions (1; 60 where each ends a file)")
      ->option_text("SECONDS")
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--digest", job.digest, "Print a digest, the nulls and the sum of every column");
  add_choice<ProgressMode>(command, "--progress", job.progress,
                           {{"auto", ProgressMode::Auto},
                            {"always", ProgressMode::Always},
                            {"never", ProgressMode::Never}},
                           "Show progress: auto (on a terminal), always or never");
  add_choice<StatsMode>(
      command, "--stats", options.stats,
      {{"json", StatsMode::Json}, {"text", StatsMode::Text}, {"none", StatsMode::None}},
      "Print the counters on stderr, last: json, text or none");
  command
      .add_option(
          "--rejects", job.rejects,
          "Write the rows that were left out to this file, with their place and their fault")
      ->option_text("FILE");
  command
      .add_option("--trace", job.trace, "Write every decision about the chunk size, as JSON lines")
      ->option_text("FILE");
}

void add_chunk_options(CLI::App& command, StreamJob& job) {
  add_count(command, "--chunk-size", job.chunk_size, 1,
            "Rows of the first chunk; later ones adapt");
  add_count(command, "--max-chunk-size", job.max_chunk_size, 1, "The most rows a chunk may have");
  command.add_flag_callback("--no-parallel", [&job] { job.parallel = false; }, "Use one thread");
  command.add_flag_callback(
      "--no-prefetch", [&job] { job.prefetch = false; },
      "Do not read the next chunk ahead of time");
}

}  // namespace

void add_stream_command(CLI::App& program, Command& chosen) {
  const auto options = std::make_shared<StreamOptions>();
  CLI::App& command = *program.add_subcommand(
      "stream",
      "Read a source chunk by chunk within a memory limit, and filter, reshape or move it");
  add_source_options(command, options->job.source);
  add_selection_options(command, options->job);
  add_output_options(command, *options);
  add_chunk_options(command, options->job);
  command.footer(std::string(kExamples) + kExitCodesHelp);
  command.callback([options, &chosen] {
    chosen = [options](Interrupt& interrupt) { return run_stream(*options, interrupt); };
  });
}

}  // namespace polarway::cli
