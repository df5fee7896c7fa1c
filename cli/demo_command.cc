#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "commands.h"
#include "datasets/table_file.h"
#include "exit_code.h"
#include "option_values.h"
#include "polarway/memory.h"
#include "quantities.h"
#include "results.h"
#include "stream_job.h"

namespace polarway::cli {

namespace {

namespace fs = std::filesystem;

struct DemoOptions {
  std::int64_t rows = 0;
  std::string size = "1GB";
  std::string dir = "./polarway-demo";
  std::string only_data;
  std::uint64_t seed = 7;
  bool keep = false;
};

constexpr const char* kMemoryLimit = "64MB";
constexpr const char* kWhere = "age > 30";
constexpr const char* kSelect = "name,email,country,balance";

constexpr const char* kExamples =
    "Examples:\n"
    "  polarway demo\n"
    "  polarway demo --size 10GB --keep         the memory stays the same\n"
    "  polarway demo --only-data people.csv --rows 1000000\n"
    "      makes the data and nothing else; equal seeds make equal files\n"
    "\n";

std::string bytes_text(std::int64_t bytes) { return cli::bytes_text(static_cast<double>(bytes)); }

std::string rate_text(std::int64_t bytes, double seconds) {
  return cli::bytes_text(seconds > 0 ? static_cast<double>(bytes) / seconds : 0) + "/s";
}

// The folder of the demo. What was made in it goes again, unless it is to be kept.
class DemoFolder {
 public:
  DemoFolder(const DemoOptions& options)
      : dir_(options.dir),
        people_(dir_ / "people.csv"),
        adults_(dir_ / "adults.parquet"),
        keep_(options.keep) {}
  ~DemoFolder() {
    if (keep_ || !is_ours_) return;
    std::error_code ignored;
    fs::remove(people_, ignored);
    fs::remove(adults_, ignored);
    if (made_dir_) fs::remove(dir_, ignored);  // only when it is empty
  }
  DemoFolder(const DemoFolder&) = delete;
  DemoFolder& operator=(const DemoFolder&) = delete;

  // Makes the folder, with room for `size_bytes`; nothing that is there is ever overwritten.
  Result<void> prepare(std::int64_t size_bytes) {
    std::error_code error;
    for (const fs::path& path : {people_, adults_}) {
      if (!fs::exists(path, error)) continue;
      return fail({.kind = ErrorKind::Config,
                   .where = {.location = path.string()},
                   .message = "is there already",
                   .hint = "remove it, or choose another folder with --dir"});
    }
    made_dir_ = fs::create_directories(dir_, error);
    if (error) {
      return fail({.kind = ErrorKind::Io,
                   .where = {.location = dir_.string()},
                   .message = error.message()});
    }
    is_ours_ = true;
    const auto free_bytes = static_cast<double>(fs::space(dir_, error).available);
    if (!error && free_bytes < 1.5 * static_cast<double>(size_bytes)) {
      return fail({.kind = ErrorKind::Io,
                   .where = {.location = dir_.string()},
                   .message = "only " + cli::bytes_text(free_bytes) + " are free on this disk",
                   .hint = "make less with --size, or choose another folder with --dir"});
    }
    return {};
  }

  std::string people() const { return people_.string(); }
  std::string adults() const { return adults_.string(); }

 private:
  fs::path dir_;
  fs::path people_;
  fs::path adults_;
  bool keep_;
  bool is_ours_ = false;
  bool made_dir_ = false;
};

struct TimedPeople {
  datasets::TableWritten written;
  double seconds = 0;
};

Result<TimedPeople> make_people(const std::string& path, const DemoOptions& options,
                                std::int64_t size_bytes, Interrupt& interrupt) {
  const auto start = std::chrono::steady_clock::now();
  const auto people = datasets::make_people(options.seed);
  POLARWAY_TRY(const datasets::TableWritten written,
               datasets::write_table(path, *people, {.rows = options.rows, .bytes = size_bytes},
                                     interrupt.token()));
  const auto end = std::chrono::steady_clock::now();
  return TimedPeople{written, std::chrono::duration<double>(end - start).count()};
}

std::string made_text(const std::string& path, const TimedPeople& people) {
  return fmt::format("{}: {}, {} rows of 10 columns, made in {} ({})\n", path,
                     bytes_text(people.written.bytes), count_text(people.written.rows),
                     seconds_text(people.seconds), rate_text(people.written.bytes, people.seconds));
}

std::string streamed_text(const StreamReport& report, std::int64_t people_bytes) {
  const StreamingStats& stats = report.stats;
  return fmt::format(
      "   Rows kept   {}\n"
      "   Time        {}, or {} of CSV\n"
      "   Memory      at most {} of the {} allowed; the file is {:.0f} times that large\n"
      "   Chunks      {}, of {} to {} rows: sized to the memory, while it ran\n"
      "   Written     {}\n",
      count_text(stats.records_processed), seconds_text(report.seconds),
      rate_text(people_bytes, report.seconds), bytes_text(report.peak_anon_bytes),
      bytes_text(report.limit_bytes),
      static_cast<double>(people_bytes) / static_cast<double>(report.limit_bytes),
      count_text(stats.chunks_read), count_text(stats.min_chunk_size),
      count_text(stats.max_chunk_size), bytes_text(report.bytes_written));
}

std::string command_text(const StreamJob& job) {
  return fmt::format("polarway stream {} --memory-limit {} --where {} --select {} --to {}",
                     shell_word(job.source.locations.front()), job.source.memory_limit,
                     shell_word(job.where), job.select, shell_word(job.to));
}

Result<void> show(const DemoOptions& options, std::int64_t size_bytes, Interrupt& interrupt) {
  DemoFolder folder(options);
  // A row is some 100 bytes; a little more is asked for, to be safe.
  POLARWAY_CHECK(folder.prepare(options.rows > 0 ? 120 * options.rows : size_bytes));
  StreamJob job;
  job.source = {
      .locations = {folder.people()}, .kind = "csv", .settings = {}, .memory_limit = kMemoryLimit};
  job.where = kWhere;
  job.select = kSelect;
  job.to = folder.adults();

  print_results("1. Making a table of invented people.\n");
  POLARWAY_TRY(const TimedPeople people,
               make_people(folder.people(), options, size_bytes, interrupt));
  print_results("   " + made_text(folder.people(), people));

  print_results(fmt::format("\n2. Streaming it through {}: only who is over 30, and of them {}.\n",
                            kMemoryLimit, kSelect));
  StreamReport report;
  POLARWAY_CHECK(run(job, interrupt, report));
  print_results(streamed_text(report, people.written.bytes));

  print_results(fmt::format(
      "\n3. {}\n   {}\n   {}\n\nThe same by hand:\n   {}\n",
      options.keep ? "The files are kept:" : "These files are removed again; --keep keeps them:",
      folder.people(), folder.adults(), command_text(job)));
  return {};
}

int run_demo(const DemoOptions& options, Interrupt& interrupt) {
  const Result<std::int64_t> size_bytes = parse_size(options.size);
  if (!size_bytes) return report(size_bytes.error());
  if (options.only_data.empty()) {
    const Result<void> shown = show(options, *size_bytes, interrupt);
    return shown ? kDone : report(shown.error(), interrupt.signal());
  }
  const Result<TimedPeople> people =
      make_people(options.only_data, options, *size_bytes, interrupt);
  if (!people) return report(people.error(), interrupt.signal());
  print_note(made_text(options.only_data, *people));
  return kDone;
}

}  // namespace

void add_demo_command(CLI::App& program, Command& chosen) {
  const auto options = std::make_shared<DemoOptions>();
  CLI::App& command = *program.add_subcommand(
      "demo", "Make a table larger than 64 MB, stream it within 64 MB, and say what happened");
  CLI::Option* size = command.add_option("--size", options->size, "How large the table is (1GB)");
  size->option_text("SIZE");
  add_count(command, "--rows", options->rows, 1, "How many rows it has, instead")->excludes(size);
  command.add_option("--seed", options->seed, "Which people: equal seeds make equal files (7)")
      ->option_text("N");
  command.add_option("--dir", options->dir, "The folder for the files (./polarway-demo)")
      ->option_text("DIR");
  command.add_flag("--keep", options->keep, "Keep the files");
  command
      .add_option("--only-data", options->only_data, "Write the table here, and do nothing else")
      ->option_text("PATH");
  command.footer(std::string(kExamples) + kExitCodesHelp);
  command.callback([options, &chosen] {
    chosen = [options](Interrupt& interrupt) { return run_demo(*options, interrupt); };
  });
}

}  // namespace polarway::cli
