#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "commands.h"
#include "exit_code.h"
#include "polarway/version.h"
#include "process_memory.h"
#include "results.h"

namespace polarway::cli {

namespace {

constexpr const char* kGuide =
    "Examples:\n"
    "  polarway demo                                     see what it does, with data it makes\n"
    "  polarway head trips.csv                           look at the first rows\n"
    "  polarway stream trips.csv --memory-limit 64MB     read all of it in 64 MB\n"
    "  polarway stream trips.csv --where 'fare > 30' --select city,fare --to big.parquet\n"
    "  polarway COMMAND --help                           more about one of the commands\n"
    "\n";

// What is wrong with the command line, and where to read on. CLI11 knows the command only if the
// first word was one.
std::string usage_error(const CLI::App& program, const CLI::ParseError& error, int argc,
                        char** argv) {
  const std::vector<CLI::App*> named = program.get_subcommands();
  if (!named.empty()) {
    return std::string("polarway: ") + error.what() + "\nTry: polarway " +
           named.front()->get_name() + " --help";
  }
  if (argc < 2) return program.help();
  std::string commands;
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
    commands += (commands.empty() ? "" : ", ") + command->get_name();
  }
  return std::string("polarway: ") + argv[1] + " is not known; the commands are: " + commands +
         "\nTry: polarway --help";
}

int run_program(int argc, char** argv, Interrupt& interrupt) {
  CLI::App program("Streams tabular data larger than memory, within a hard memory limit.\n",
                   "polarway");
  program.set_version_flag("--version", "polarway " + std::string(version));
  program.footer(std::string(kGuide) + kExitCodesHelp);
  program.require_subcommand(1);

  Command chosen;
  add_stream_command(program, chosen);
  add_schema_command(program, chosen);
  add_head_command(program, chosen);
  add_sniff_command(program, chosen);
  add_count_command(program, chosen);
  add_sources_command(program, chosen);
  add_demo_command(program, chosen);

  try {
    program.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return print_results(program.help());
  } catch (const CLI::CallForVersion& version_text) {
    return print_results(std::string(version_text.what()) + "\n");
  } catch (const CLI::ParseError& error) {
    print_note(usage_error(program, error, argc, argv));
    return kUsage;
  }
  return chosen(interrupt);
}

}  // namespace

}  // namespace polarway::cli

int main(int argc, char** argv) {
  using namespace polarway::cli;
  occupy_standard_streams();
  use_memory_sparingly();
  // The write fails then, too, and its error says which write and why.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  Interrupt interrupt;
  try {
    return run_program(argc, argv, interrupt);
  } catch (const std::bad_alloc&) {
    print_note("polarway: the system has no memory left");
    return kMemoryLimit;
  } catch (const std::exception& error) {
    print_note(std::string("polarway: ") + error.what());
    return kFailed;
  }
}
