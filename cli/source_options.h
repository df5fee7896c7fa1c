#pragma once

#include <string>
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
  std::string location;
  std::string kind;                   ///< Empty: by the location.
  std::vector<std::string> settings;  ///< "key=value", for SourceConfig::with_option().
  std::string memory_limit;           ///< Empty: MemoryBudget::default_limit_bytes().
};

/// Adds SOURCE, --as, -o and --memory-limit.
void add_source_options(CLI::App& command, SourceOptions& options);

/// A config with these options, and with a new budget that bounds the whole process.
Result<SourceConfig> make_config(const SourceOptions& options);

/// Opens the source, as the kind that was given or else that the location tells.
Result<StreamingSource> open_source(const SourceOptions& options, const SourceConfig& config);

}  // namespace polarway::cli
