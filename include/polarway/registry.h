#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "polarway/config.h"
#include "polarway/export.h"
#include "polarway/result.h"
#include "polarway/source.h"
#include "polarway/stream.h"

namespace polarway {

/// One option of a source or of the stream, for people and for checks.
struct OptionInfo {
  std::string name = {};                  ///< The key for SourceConfig::with_option().
  std::vector<std::string> aliases = {};  ///< Other keys with the same meaning.
  std::string type = {};                  ///< "bool", "integer", "size", "character", "list", ...
  std::string default_value = {};         ///< As it would be written.
  std::string meaning = {};               ///< One sentence.
};

/// How one kind of source is made.
struct SourceKind {
  std::string name = {};                     ///< "csv"
  std::vector<std::string> aliases = {};     ///< Other names of the same kind.
  std::string description = {};              ///< One sentence.
  std::vector<std::string> extensions = {};  ///< Without dot, lower case: for create_for().
  std::vector<OptionInfo> options = {};      ///< Those that its readers take.
  /// Makes a reader that is not yet open; no I/O. Config error for options that are not valid.
  std::function<Result<std::unique_ptr<SourceReader>>(const SourceConfig&)> make_reader = {};
};

/// The factory of sources. An ordinary object: make as many as you like.
///
/// Threads: register_kind() alone at a time; the rest from any thread.
class POLARWAY_EXPORT SourceRegistry {
 public:
  /// Knows the built-in kinds.
  SourceRegistry();
  SourceRegistry(SourceRegistry&&) noexcept;             ///< The other one knows nothing any more.
  SourceRegistry& operator=(SourceRegistry&&) noexcept;  ///< The same.
  ~SourceRegistry();

  /// Opens a source of that kind. UnsupportedSource for an unknown kind, Config for options that
  /// are not valid (with the nearest name, and the kind that knows the option if it is another),
  /// MemoryLimit when the limit is below what the source needs, and what its reader says.
  Result<StreamingSource> create(std::string_view kind, const SourceConfig& config) const;

  /// The same, the kind taken from the first location's scheme or extension, or from the files
  /// that a directory or a glob means. UnsupportedSource when that tells nothing: name the kind
  /// then.
  Result<StreamingSource> create_for(const SourceConfig& config) const;

  /// Adds a kind. Config error when its name or an alias is taken.
  Result<void> register_kind(SourceKind kind);

  /// All kinds, sorted by name.
  std::vector<SourceKind> kinds() const;
  /// The options that every kind takes: those of the adaptive stream.
  static std::vector<OptionInfo> stream_options();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace polarway
