#include "source_options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "polarway/memory.h"
#include "polarway/parse_credentials.h"
#include "polarway/preset.h"
#include "polarway/registry.h"
#include "process_memory.h"
#include "results.h"

namespace polarway::cli {

void add_source_options(CLI::App& command, SourceOptions& options) {
  command
      .add_option("SOURCE", options.locations,
                  "A path, a glob, a directory, - or a URL; several are read one after the other")
      ->required()
      ->option_text(" ");
  command.add_option("--as", options.kind, "Read it as this kind; else its name decides")
      ->option_text("KIND");
  command
      .add_option("-o,--option", options.settings,
                  "Set an option, see polarway sources; repeat for more")
      ->option_text("KEY=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--credentials", options.credentials,
                  "JSON file that says who asks, {\"bearer\": {\"token\": \"...\"}}; env: "
                  "what POLARWAY_CREDENTIALS holds")
      ->option_text("FILE");
  command
      .add_option("--preset", options.preset,
                  "Limit and chunk size for a machine: b1s (1 GB), b2s (4 GB), b4ms (16 GB)")
      ->option_text("NAME");
  command
      .add_option("--memory-limit", options.memory_limit,
                  "Most memory the process may use, 600MB; else 60% of what is free")
      ->option_text("SIZE");
  command.add_flag("--enforce-limit", options.enforce_limit,
                   "Have the system refuse memory beyond the limit, too, as a backstop");
}

Result<std::pair<std::string, std::string>> split_setting(const std::string& flag,
                                                          const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail({.kind = ErrorKind::Config,
                 .message = flag + " " + setting + " is not of the form key=value",
                 .hint = "such as " + flag + " delimiter=;"});
  }
  return std::pair(setting.substr(0, equals), setting.substr(equals + 1));
}

namespace {

Result<Credentials> read_credentials(const std::string& from) {
  if (from == "env") {
    const char* const text = std::getenv("POLARWAY_CREDENTIALS");
    if (text == nullptr) {
      return fail({.kind = ErrorKind::Config,
                   .message = "--credentials env: POLARWAY_CREDENTIALS is not set"});
    }
    return parse_credentials(text);
  }
  std::ifstream file(from);
  if (!file) {
    return fail({.kind = ErrorKind::NotFound,
                 .where = {.location = from},
                 .message = "the file with the credentials cannot be read"});
  }
  Result<Credentials> read = parse_credentials(
      std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()));
  if (!read) read.error().where.location = from;
  return read;
}

}  // namespace

Result<SourceConfig> make_config(const SourceOptions& options) {
  SourceConfig config(options.locations);
  if (!options.credentials.empty()) {
    POLARWAY_TRY(Credentials credentials, read_credentials(options.credentials));
    config.with_credentials(std::move(credentials));
  }
  config.with_option("policy", "model");  // bench/policies.py says why; -o policy=classic overrides
  for (const std::string& setting : options.settings) {
    POLARWAY_TRY(auto option, split_setting("-o", setting));
    config.with_option(std::move(option.first), std::move(option.second));
  }

  if (!options.preset.empty()) config.with_option("preset", options.preset);

  const auto preset_name = config.options().find("preset");
  POLARWAY_TRY(const Preset preset, find_preset(preset_name == config.options().end()
                                                    ? "auto"
                                                    : std::string_view(preset_name->second)));
  std::int64_t limit_bytes = preset.memory_limit_bytes;
  if (!options.memory_limit.empty()) {
    POLARWAY_TRY(limit_bytes, parse_size(options.memory_limit));
    if (limit_bytes == 0) {
      return fail({.kind = ErrorKind::Config, .message = "--memory-limit must be more than 0"});
    }
  }
  if (options.enforce_limit) POLARWAY_CHECK(enforce_memory_limit(limit_bytes));
  config.with_budget(MemoryBudget::make(limit_bytes, MemoryScope::Process));
  return config;
}

Result<StreamingSource> open_source(const SourceOptions& options, const SourceConfig& config) {
  const SourceRegistry registry;
  POLARWAY_TRY(StreamingSource source, options.kind.empty()
                                           ? registry.create_for(config)
                                           : registry.create(options.kind, config));
  for (const std::string& note : source.metadata().notes) print_note("polarway: " + note);
  return source;
}

}  // namespace polarway::cli
