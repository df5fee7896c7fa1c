#include "polarway/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "core/nearest_name.h"
#include "core/out_of_memory.h"
#include "core/quoted_text.h"
#include "core/stream_options.h"
#include "formats/detect.h"
#include "sources/builtin.h"
#include "sources/file_listing.h"
#include "sources/noted_reader.h"
#include "transports/compression.h"
#include "transports/first_bytes.h"

namespace polarway {

namespace {

SourceError config_error(std::string message, std::string hint = "") {
  return {.kind = ErrorKind::Config, .message = std::move(message), .hint = std::move(hint)};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return out;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool knows(const std::vector<OptionInfo>& options, const std::string& key) {
  return std::any_of(options.begin(), options.end(), [&](const OptionInfo& option) {
    return option.name == key || contains(option.aliases, key);
  });
}

void add_names(const std::vector<OptionInfo>& options, std::vector<std::string>& names) {
  for (const OptionInfo& option : options) {
    names.push_back(option.name);
    names.insert(names.end(), option.aliases.begin(), option.aliases.end());
  }
}

// What stands before "://"; "" for a path.
std::string scheme_of(std::string_view location) {
  const std::size_t end = location.find("://");
  if (end == std::string_view::npos) return "";
  const std::string scheme = lower(location.substr(0, end));
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  return std::all_of(scheme.begin(), scheme.end(), allowed) ? scheme : "";
}

// What stands behind the last dot of the last part of a path, in lower case; that of a compression
// aside, which says nothing of the kind.
std::string extension_of(std::string_view path) {
  const std::string_view name = name_without_format(path.substr(path.rfind('/') + 1));
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? "" : lower(name.substr(dot + 1));
}

// The kind that is none of its own: its files tell which it is.
constexpr std::string_view kByFiles = "filesystem";

// What SourceConfig's setters leave unchecked, and every kind needs.
Result<void> check_config(const SourceConfig& config) {
  if (config.locations().empty()) return fail(config_error("there is no location to read"));
  if (config.chunk_size().value_or(1) < 1)
    return fail(config_error("the chunk size must be at least 1 row"));
  if (config.max_chunk_size().value_or(1) < 1) {
    return fail(config_error("the largest chunk size must be at least 1 row"));
  }
  if (config.limit().value_or(0) < 0) return fail(config_error("the limit must not be negative"));
  return {};
}

}  // namespace

struct SourceRegistry::State {
  std::vector<SourceKind> kinds;  // sorted by name

  // A registry that was moved from has no state, and knows nothing.
  static const State& of(const SourceRegistry& registry) {
    static const State nothing;
    return registry.state_ ? *registry.state_ : nothing;
  }

  const SourceKind* find(std::string_view name) const {
    const std::string wanted = lower(name);
    for (const SourceKind& kind : kinds) {
      if (kind.name == wanted || contains(kind.aliases, wanted)) return &kind;
    }
    return nullptr;
  }

  std::string names() const {
    if (kinds.empty()) return "there are none";
    std::vector<std::string> names;
    for (const SourceKind& kind : kinds) names.push_back(kind.name);
    return fmt::format("the kinds are {}", fmt::join(names, ", "));
  }

  SourceError unknown_kind(std::string_view name) const {
    std::vector<std::string> known;
    for (const SourceKind& kind : kinds) {
      known.push_back(kind.name);
      known.insert(known.end(), kind.aliases.begin(), kind.aliases.end());
    }
    const std::string near = did_you_mean(name, known);
    return {.kind = ErrorKind::UnsupportedSource,
            .message = fmt::format("no kind of source is called {}", shorten(name)),
            .hint = near.empty() ? names() : near + " " + names()};
  }

  // The error for an option that neither `kind` nor the stream knows.
  SourceError unknown_option(const SourceKind& kind, const std::string& key) const {
    for (const SourceKind& other : kinds) {
      if (!knows(other.options, key)) continue;
      return config_error(
          fmt::format("option {} belongs to {}, not to {}", shorten(key), other.name, kind.name));
    }
    std::vector<std::string> known;
    add_names(kind.options, known);
    add_names(SourceRegistry::stream_options(), known);
    const std::string near = did_you_mean(key, known);
    return config_error(
        fmt::format("unknown option {} for {}", shorten(key), kind.name),
        near.empty() ? fmt::format("`polarway sources {}` lists its options", kind.name) : near);
  }

  Result<void> check_options(const SourceKind& kind, const SourceConfig& config) const {
    const std::vector<OptionInfo> of_stream = SourceRegistry::stream_options();
    for (const auto& [key, value] : config.options()) {
      if (!knows(kind.options, key) && !knows(of_stream, key))
        return fail(unknown_option(kind, key));
    }
    return {};
  }

  Result<StreamingSource> open(const SourceKind& kind, const SourceConfig& config,
                               const std::string& note = "") const {
    POLARWAY_CHECK(check_options(kind, config));
    POLARWAY_CHECK(check_config(config));
    const auto make_reader = [make = kind.make_reader, config,
                              note]() -> Result<std::unique_ptr<SourceReader>> {
      POLARWAY_TRY(std::unique_ptr<SourceReader> reader, make(config));
      return note.empty() ? std::move(reader) : with_note(std::move(reader), note);
    };
    return AdaptiveStreamBuilder(kind.name, make_reader).open(config);
  }

  // The kind that the extensions of all locations tell; null where the first has none that does.
  Result<const SourceKind*> kind_of_names(const SourceConfig& config) const {
    const SourceKind* first = nullptr;
    for (const std::string& location : config.locations()) {
      const SourceKind* kind = find_extension(extension_of(location));
      if (&location == &config.locations().front()) first = kind;
      if (kind == first || kind == nullptr || first == nullptr) continue;
      return fail({.kind = ErrorKind::UnsupportedSource,
                   .where = {.location = location},
                   .message = fmt::format("this is {}, and {} is {}", kind->name, config.location(),
                                          first->name),
                   .hint = "read files of one kind at a time, or name the kind"});
    }
    return first;
  }

  const SourceKind* find_extension(const std::string& extension) const {
    for (const SourceKind& kind : kinds) {
      if (!extension.empty() && contains(kind.extensions, extension)) return &kind;
    }
    return nullptr;
  }

  // The kind of the files that a directory or a glob means.
  Result<const SourceKind*> kind_of_files(const SourceConfig& config) const {
    std::vector<const SourceKind*> found;
    for (const SourceKind& kind : kinds) {
      if (kind.extensions.empty()) continue;
      POLARWAY_TRY(const bool has_file,
                   has_file_of(config.location(), {.glob = true, .extensions = kind.extensions}));
      if (has_file) found.push_back(&kind);
    }
    if (found.size() == 1) return found[0];
    if (found.size() > 1) {
      std::vector<std::string> its_names;
      for (const SourceKind* kind : found) its_names.push_back(kind->name);
      return fail({.kind = ErrorKind::UnsupportedSource,
                   .where = {.location = config.location()},
                   .message = fmt::format("there are files of several kinds: {}",
                                          fmt::join(its_names, ", ")),
                   .hint = "name the kind"});
    }
    const std::string extension = extension_of(config.location());
    return fail({.kind = ErrorKind::UnsupportedSource,
                 .where = {.location = config.location()},
                 .message = extension.empty() ? "the name does not tell the kind of source"
                                              : fmt::format("no kind of source reads {}",
                                                            shorten("." + extension)),
                 .hint = "name the kind; " + names()});
  }
};

SourceRegistry::SourceRegistry() : state_(std::make_unique<State>()) {
  for (SourceKind& kind : builtin_sources()) {
    [[maybe_unused]] const Result<void> registered = register_kind(std::move(kind));
    assert(registered);
  }
}

SourceRegistry::SourceRegistry(SourceRegistry&& other) noexcept = default;
SourceRegistry& SourceRegistry::operator=(SourceRegistry&& other) noexcept = default;
SourceRegistry::~SourceRegistry() = default;

Result<StreamingSource> SourceRegistry::create(std::string_view name,
                                               const SourceConfig& config) const {
  return guard([&]() -> Result<StreamingSource> {
    const State& state = State::of(*this);
    const SourceKind* kind = state.find(name);
    if (kind == nullptr) return fail(state.unknown_kind(name));
    if (kind->name == kByFiles) return create_for(config);
    return state.open(*kind, config);
  });
}

Result<StreamingSource> SourceRegistry::create_for(const SourceConfig& config) const {
  return guard([&]() -> Result<StreamingSource> {
    const State& state = State::of(*this);
    const std::string scheme = scheme_of(config.location());
    if (!scheme.empty() && scheme != "file") {
      if (state.find(scheme) != nullptr) return create(scheme, config);
      // Not the location itself, which may hold a password.
      return fail({.kind = ErrorKind::UnsupportedSource,
                   .message = fmt::format("no kind of source reads {}", shorten(scheme + "://")),
                   .hint = "name the kind; " + state.names()});
    }
    POLARWAY_CHECK(check_config(config));
    POLARWAY_TRY(const SourceKind* by_name, state.kind_of_names(config));
    // What a file is tells it itself, if it can; its name may be wrong.
    const std::string first = first_bytes_of(config.location(), kDetectedBytes);
    const std::optional<std::string_view> by_mark = kind_of_mark(first);
    const SourceKind* found = by_mark ? state.find(*by_mark) : nullptr;
    if (found != nullptr && found != by_name) {
      return state.open(
          *found, config,
          fmt::format("{} is read as {}, as its first bytes say", config.location(), found->name));
    }
    if (by_name != nullptr) return state.open(*by_name, config);
    const std::optional<std::string_view> by_text = kind_of_text(first);
    found = by_text ? state.find(*by_text) : nullptr;
    if (found == nullptr) {
      POLARWAY_TRY(found, state.kind_of_files(config));
    }
    return state.open(*found, config);
  });
}

Result<void> SourceRegistry::register_kind(SourceKind kind) {
  return guard([&]() -> Result<void> {
    if (!state_) state_ = std::make_unique<State>();
    std::vector<std::string> names = {kind.name};
    names.insert(names.end(), kind.aliases.begin(), kind.aliases.end());
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i].empty() || names[i] != lower(names[i])) {
        return fail(
            config_error(fmt::format("{} is no name for a kind of source", shorten(names[i])),
                         "names are lower case and not empty"));
      }
      const bool repeats = std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i),
                                     names[i]) != names.begin() + static_cast<std::ptrdiff_t>(i);
      if (repeats || state_->find(names[i]) != nullptr) {
        return fail(
            config_error(fmt::format("a kind of source is called {} already", shorten(names[i]))));
      }
    }
    if (!kind.make_reader) {
      return fail(config_error(fmt::format("the kind {} has no make_reader", shorten(kind.name))));
    }
    for (const OptionInfo& option : stream_options()) {
      if (knows(kind.options, option.name)) {
        return fail(config_error(fmt::format("option {} of the kind {} is one of the stream's own",
                                             shorten(option.name), shorten(kind.name))));
      }
    }
    const auto by_name = [](const SourceKind& a, const SourceKind& b) { return a.name < b.name; };
    state_->kinds.insert(
        std::upper_bound(state_->kinds.begin(), state_->kinds.end(), kind, by_name),
        std::move(kind));
    return {};
  });
}

std::vector<SourceKind> SourceRegistry::kinds() const { return State::of(*this).kinds; }

std::vector<OptionInfo> SourceRegistry::stream_options() {
  return stream_option_table().describe();
}

}  // namespace polarway
