#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "exit_code.h"
#include "polarway/registry.h"
#include "quantities.h"
#include "results.h"

namespace polarway::cli {

namespace {

struct SourcesOptions {
  std::string kind;
  bool json = false;
};

constexpr const char* kExamples =
    "Examples:\n"
    "  polarway sources\n"
    "  polarway sources csv\n"
    "  polarway stream data.txt --as csv -o delimiter=';'\n"
    "      how an option from the list is given\n"
    "\n";

// Rows of words in columns as wide as they need; the last column takes the rest of the line.
template <std::size_t N>
std::string aligned(const std::vector<std::array<std::string, N>>& rows) {
  std::array<std::size_t, N> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < N; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < N; ++i) text += fmt::format("{:<{}}  ", row[i], widths[i]);
    text += row[N - 1] + "\n";
  }
  return text;
}

std::string kinds_table(const std::vector<SourceKind>& kinds) {
  std::vector<std::array<std::string, 4>> rows = {{"kind", "also", "files", "what it reads"}};
  for (const SourceKind& kind : kinds) {
    rows.push_back({kind.name, fmt::format("{}", fmt::join(kind.aliases, ", ")),
                    fmt::format("{}", fmt::join(kind.extensions, ", ")), kind.description});
  }
  return aligned(rows) + "\npolarway sources KIND lists the options of one.\n";
}

std::string options_table(const std::vector<OptionInfo>& options) {
  std::vector<std::array<std::string, 4>> rows = {{"option", "type", "default", "meaning"}};
  for (const OptionInfo& option : options) {
    const std::string also =
        option.aliases.empty() ? "" : fmt::format(" (also: {})", fmt::join(option.aliases, ", "));
    rows.push_back({option.name, option.type, option.default_value, option.meaning + also});
  }
  return aligned(rows);
}

std::string kind_page(const SourceKind& kind) {
  std::string page = fmt::format("{}: {}\n", kind.name, kind.description);
  if (!kind.aliases.empty())
    page += fmt::format("Also called: {}\n", fmt::join(kind.aliases, ", "));
  if (!kind.extensions.empty()) {
    page += fmt::format("Chosen for files ending in: {}\n", fmt::join(kind.extensions, ", "));
  }
  page += fmt::format("\nOptions of {}, each given as -o option=value:\n\n{}", kind.name,
                      options_table(kind.options));
  return page + "\nOptions of every source:\n\n" + options_table(SourceRegistry::stream_options());
}

std::string list_json(const std::vector<std::string>& words) {
  std::string json;
  for (const std::string& word : words) json += (json.empty() ? "" : ",") + json_text(word);
  return "[" + json + "]";
}

std::string options_json(const std::vector<OptionInfo>& options) {
  std::string json;
  for (const OptionInfo& option : options) {
    json += fmt::format(R"({}{{"name":{},"aliases":{},"type":{},"default":{},"meaning":{}}})",
                        json.empty() ? "" : ",", json_text(option.name), list_json(option.aliases),
                        json_text(option.type), json_text(option.default_value),
                        json_text(option.meaning));
  }
  return "[" + json + "]";
}

std::string kind_json(const SourceKind& kind) {
  return fmt::format(R"({{"name":{},"aliases":{},"description":{},"extensions":{},"options":{},)"
                     R"("stream_options":{}}})",
                     json_text(kind.name), list_json(kind.aliases), json_text(kind.description),
                     list_json(kind.extensions), options_json(kind.options),
                     options_json(SourceRegistry::stream_options()));
}

std::string kinds_json(const std::vector<SourceKind>& kinds) {
  std::string json;
  for (const SourceKind& kind : kinds) json += (json.empty() ? "" : ",") + kind_json(kind);
  return "[" + json + "]";
}

int run_sources(const SourcesOptions& options) {
  const SourceRegistry registry;
  const std::vector<SourceKind> kinds = registry.kinds();
  if (options.kind.empty()) {
    return print_results(options.json ? kinds_json(kinds) + "\n" : kinds_table(kinds));
  }
  const auto has_name = [&](const SourceKind& kind) {
    return kind.name == options.kind ||
           std::find(kind.aliases.begin(), kind.aliases.end(), options.kind) != kind.aliases.end();
  };
  const auto kind = std::find_if(kinds.begin(), kinds.end(), has_name);
  if (kind == kinds.end()) {
    // The registry's own error knows the nearest name.
    const auto unknown = registry.create(options.kind, SourceConfig(""));
    return unknown ? kFailed : report(unknown.error());
  }
  return print_results(options.json ? kind_json(*kind) + "\n" : kind_page(*kind));
}

}  // namespace

void add_sources_command(CLI::App& program, Command& chosen) {
  const auto options = std::make_shared<SourcesOptions>();
  CLI::App& command =
      *program.add_subcommand("sources", "List the kinds of sources, or the options of one kind");
  command.add_option("KIND", options->kind, "One kind, such as csv")->option_text(" ");
  command.add_flag("--json", options->json, "As JSON");
  command.footer(std::string(kExamples) + kExitCodesHelp);
  command.callback(
      [options, &chosen] { chosen = [options](Interrupt&) { return run_sources(*options); }; });
}

}  // namespace polarway::cli
