#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "core/floor_error.h"
#include "core/nearest_name.h"
#include "core/out_of_memory.h"
#include "core/quoted_text.h"
#include "polarway/registry.h"
#include "polarway/sink.h"
#include "sinks/atomic_file.h"
#include "sinks/csv_sink.h"
#include "sinks/ipc_sink.h"
#include "sinks/ndjson_sink.h"
#include "sinks/parquet_layout.h"
#include "sinks/parquet_sink.h"
#include "sinks/parts_sink.h"
#include "sinks/stream_output.h"

namespace polarway {
namespace {

struct SinkFormat {
  std::string name;
  std::vector<std::string> extensions;
  std::vector<OptionInfo> options;
  bool resumes;  // one file of it; parts always do
  Result<std::unique_ptr<Sink>> (*make)(const SinkConfig&, const OpenOutput&);
  Result<std::int64_t> (*working_set_bytes)(const SinkConfig&);
};

const std::vector<SinkFormat>& formats() {
  static const std::vector<SinkFormat> all = {
      {"csv",
       {"csv"},
       csv_sink_options().describe(),
       true,
       make_csv_sink,
       csv_sink_working_set_bytes},
      {"ndjson",
       {"ndjson", "jsonl"},
       ndjson_sink_options().describe(),
       true,
       make_ndjson_sink,
       ndjson_sink_working_set_bytes},
      {"parquet",
       {"parquet", "pq"},
       parquet_sink_options().describe(),
       false,
       make_parquet_sink,
       parquet_sink_working_set_bytes},
      {"ipc",
       {"arrow", "ipc", "feather"},
       ipc_sink_options().describe(),
       false,
       make_ipc_sink,
       ipc_sink_working_set_bytes},
  };
  return all;
}

tl::unexpected<SourceError> refused(const SinkConfig& config, std::string message,
                                    std::string hint) {
  return fail({.kind = ErrorKind::Config,
               .where = {.location = config.path, .row = {}, .byte_offset = {}, .column = {}},
               .message = std::move(message),
               .hint = std::move(hint),
               .memory = {}});
}

std::string extension_of(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  std::string extension = dot == std::string::npos ? "" : name.substr(dot + 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

Result<const SinkFormat*> format_of(const SinkConfig& config) {
  const std::string extension = config.path == "-" ? "csv" : extension_of(config.path);
  for (const SinkFormat& format : formats()) {
    const bool by_extension =
        config.format.empty() && std::find(format.extensions.begin(), format.extensions.end(),
                                           extension) != format.extensions.end();
    if (by_extension || config.format == format.name) return &format;
  }
  const std::string known = fmt::format("give the format: {}", fmt::join(sink_formats(), ", "));
  if (config.format.empty()) {
    return refused(config, "the name does not tell in which format to write", known);
  }
  const std::string near = did_you_mean(config.format, sink_formats());
  return refused(config, fmt::format("{} is no format that can be written", shorten(config.format)),
                 near.empty() ? known : near);
}

bool has_option(const SinkFormat& format, const std::string& key) {
  return std::any_of(format.options.begin(), format.options.end(), [&](const OptionInfo& option) {
    return option.name == key ||
           std::find(option.aliases.begin(), option.aliases.end(), key) != option.aliases.end();
  });
}

Result<void> check_options(const SinkConfig& config, const SinkFormat& format) {
  for (const auto& [key, value] : config.options) {
    if (has_option(format, key)) continue;
    std::vector<std::string> names;
    for (const OptionInfo& option : format.options) names.push_back(option.name);
    std::string hint = did_you_mean(key, names);
    std::vector<std::string> others;
    for (const SinkFormat& other : formats()) {
      if (has_option(other, key)) others.push_back(other.name);
    }
    if (!others.empty()) hint = fmt::format("it is an option of {}", fmt::join(others, " and "));
    if (hint.empty()) hint = fmt::format("{} has: {}", format.name, fmt::join(names, ", "));
    return refused(config, fmt::format("writing {} has no option {}", format.name, shorten(key)),
                   std::move(hint));
  }
  return {};
}

Result<std::unique_ptr<Output>> open_output(const std::string& path) {
  if (path == "-") return StreamOutput::standard();
  struct stat existing{};
  if (::stat(path.c_str(), &existing) == 0 && !S_ISREG(existing.st_mode)) {
    return StreamOutput::open(path);  // a pipe or a device is written to, never replaced
  }
  return AtomicFile::create(path);
}

bool is_in_parts(const SinkConfig& config) {
  return config.in_parts || config.max_file_bytes > 0 || !config.partition_by.empty();
}

Result<void> check(const SinkConfig& config) {
  if (config.path.empty()) return refused(config, "the path is empty", "name the file to write");
  if (!config.budget) return refused(config, "a sink needs a memory budget", "make one");
  if (config.schema.num_fields() == 0) {
    return refused(config, "there are no columns to write", "select at least one");
  }
  struct stat existing{};
  const bool exists = ::stat(config.path.c_str(), &existing) == 0;
  if (is_in_parts(config)) {
    if (config.path != "-" && (!exists || S_ISDIR(existing.st_mode))) return {};
    return refused(config, "this is no folder, and the rows are to become several files",
                   "give the name of a folder");
  }
  if (config.path.back() == '/' || (exists && S_ISDIR(existing.st_mode))) {
    return refused(config, "this is a folder", "give the name of a file in it");
  }
  if (exists && (S_ISBLK(existing.st_mode) || S_ISSOCK(existing.st_mode))) {
    return refused(config, "this is a disk or a socket", "give the name of a file");
  }
  return {};
}

Result<std::unique_ptr<Sink>> make_file_sink(const SinkConfig& config) {
  POLARWAY_TRY(const SinkFormat* format, format_of(config));
  if (config.path == "-" && format->name == "parquet") {
    return refused(config, format->name + " cannot be written to standard output",
                   "write csv or ndjson, or to a file");
  }
  Result<std::unique_ptr<Sink>> sink =
      format->make(config, [&] { return open_output(config.path); });
  if (!sink && sink.error().memory) {
    POLARWAY_TRY(const std::int64_t needed, format->working_set_bytes(config));
    return fail(
        floor_error(*config.budget, needed, "this sink", config.path, std::move(sink.error())));
  }
  if (!sink && sink.error().where.location.empty()) sink.error().where.location = config.path;
  return sink;
}

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(const SinkConfig& config) {
  return guard([&]() -> Result<std::unique_ptr<Sink>> {
    POLARWAY_CHECK(check(config));
    SinkConfig folder = config;
    if (is_in_parts(config)) {
      while (folder.path.size() > 1 && folder.path.back() == '/') folder.path.pop_back();
    }
    POLARWAY_TRY(const SinkFormat* format, format_of(folder));
    POLARWAY_CHECK(check_options(config, *format));
    if (!is_in_parts(config)) return make_file_sink(config);
    POLARWAY_CHECK(format->working_set_bytes(folder));  // looks at the options' values
    folder.format = format->name;
    Result<std::unique_ptr<Sink>> sink =
        make_parts_sink(folder, format->extensions.front(), make_file_sink);
    if (!sink && sink.error().where.location.empty()) sink.error().where.location = config.path;
    return sink;
  });
}

Result<std::int64_t> sink_working_set_bytes(const SinkConfig& config) {
  POLARWAY_TRY(const SinkFormat* format, format_of(config));
  return format->working_set_bytes(config);
}

Result<bool> sink_resumes(const SinkConfig& config) {
  if (config.path == "-") return false;
  if (is_in_parts(config)) return true;
  POLARWAY_TRY(const SinkFormat* format, format_of(config));
  return format->resumes;
}

std::vector<std::string> sink_formats() {
  std::vector<std::string> names;
  for (const SinkFormat& format : formats()) names.push_back(format.name);
  return names;
}

}  // namespace polarway
