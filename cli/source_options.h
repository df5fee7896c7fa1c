#pragma once

#include <string>
#include <utility>
#include <vector>

#include "polarway/config.h"
#include "polarway/result.h"
#include "polarway/stream.h"

namespace CLI {
class App;
}

namespace polarway::cli {

/// What every command that reads a source is told about it.
struct SourceOptions {
  std::vector<std::string> locations;
  std::string kind;                   ///< Empty: by the location.
  std::vector<std::string> settings;  ///< "key=value", for SourceConfig::with_option().
  std::string preset = {};            ///< Sugar for "preset=..." among the settings.
  std::string credentials = {};       ///< A file with them, or "env"; empty: none.
  std::string memory_limit;           ///< Empty: the preset's.
  bool enforce_limit = false;         ///< Have the kernel refuse what is beyond it, too.
};

/// Adds SOURCE, --as, -o, --credentials, --preset, --memory-limit and --enforce-limit.
void add_source_options(CLI::App& command, SourceOptions& options);

/// Takes "key=value" apart; Config error, naming the `flag` it was given to, when it is not that.
Result<std::pair<std::string, std::string>> split_setting(const std::string& flag,
                                                          const std::string& setting);

/// A config with these options, and with a new budget that bounds the whole process. Sets
/// RLIMIT_DATA where that is asked for.
Result<SourceConfig> make_config(const SourceOptions& options);

/// Opens the source, as the kind that was given or else that the location tells, and prints what
/// its user should know.
Result<StreamingSource> open_source(const SourceOptions& options, const SourceConfig& config);

}  // namespace polarway::cli
