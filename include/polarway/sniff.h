#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "polarway/config.h"
#include "polarway/export.h"
#include "polarway/result.h"
#include "polarway/schema.h"

namespace polarway {

/// One option of a CSV as it was found, and why.
struct SniffedOption {
  std::string key;          ///< As with_option() takes it: "delimiter", "has_header", ...
  std::string value;        ///< As with_option() takes it.
  double confidence = 0;    ///< From 0, a guess, to 1, a certainty.
  std::string reason;       ///< What was seen, in a few words.
  bool is_default = false;  ///< Whether reading without it does the same.
};

/// What a CSV seems to be, by the first MiB of it.
struct POLARWAY_EXPORT CsvDialect {
  std::vector<SniffedOption> options;  ///< In a fixed order, each key once.
  Schema schema;                       ///< The columns, as they would be inferred.

  /// The options that are no defaults, for SourceConfig::with_option().
  std::map<std::string, std::string> to_map() const;
  /// The same for a command line: `-o delimiter=';' -o has_header=false`; empty if all are
  /// defaults.
  std::string to_options() const;
  /// Everything, as one line of JSON.
  std::string to_json() const;
};

/// Looks at the start of a CSV, which may be compressed or a pipe (which is used up then), and
/// tells how it is to be read: encoding, delimiter, quote, escape, comments, lines to skip, header,
/// decimal comma, types. Deterministic. Options that the config has are believed. NotFound, Io,
/// EmptySource, Config, MemoryLimit as when the source is opened.
POLARWAY_EXPORT Result<CsvDialect> sniff_csv(const SourceConfig& config);

}  // namespace polarway
