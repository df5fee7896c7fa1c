#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/json_text.h"
#include "core/nearest_name.h"
#include "core/option_table.h"
#include "core/out_of_memory.h"
#include "core/quoted_text.h"
#include "core/stream_options.h"
#include "formats/csv/csv_options.h"
#include "formats/csv/sniff.h"
#include "polarway/memory.h"
#include "polarway/sniff.h"
#include "transports/byte_options.h"
#include "transports/open_bytes.h"

namespace polarway {
namespace {

// As a shell takes it: in single quotes, unless it is a plain word.
std::string shell_word(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

// The registry's check, for a kind that is not opened.
Result<void> check_options(const SourceConfig& config) {
  std::vector<std::string> known;
  for (const auto& options : {csv::csv_option_table().describe(), byte_option_table().describe(),
                              stream_option_table().describe()}) {
    for (const OptionInfo& option : options) {
      known.push_back(option.name);
      known.insert(known.end(), option.aliases.begin(), option.aliases.end());
    }
  }
  for (const auto& [key, value] : config.options()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    return fail({.kind = ErrorKind::Config,
                 .message = fmt::format("unknown option {} for csv", shorten(key)),
                 .hint = did_you_mean(key, known)});
  }
  return {};
}

Result<CsvDialect> sniff_file(const SourceConfig& config) {
  POLARWAY_CHECK(check_options(config));
  POLARWAY_TRY(const auto limit, config.memory_limit());
  const auto budget = config.budget()
                          ? config.budget()
                          : MemoryBudget::make(limit.value_or(MemoryBudget::default_limit_bytes()));
  POLARWAY_TRY(const csv::CsvOptions options, csv::parse_csv_options(config.options()));
  POLARWAY_TRY(const ByteOptions byte_options, parse_byte_options(config.options()));
  POLARWAY_TRY(const auto bytes,
               open_bytes(config.location(), byte_options, options.charset, budget, {}));
  POLARWAY_TRY(const MemoryLease sample,
               budget->reserve(csv::Block::memory_bytes(csv::kSniffedBytes), LeaseHolder::Reader));
  POLARWAY_TRY(const auto block, csv::Block::make(*bytes, csv::kSniffedBytes, budget));
  Result<CsvDialect> dialect = csv::sniff(*block, config.options(), budget, {});
  if (!dialect && dialect.error().where.location.empty()) {
    dialect.error().where.location = bytes->location();
  }
  return dialect;
}

}  // namespace

std::map<std::string, std::string> CsvDialect::to_map() const {
  std::map<std::string, std::string> map;
  for (const SniffedOption& option : options) {
    if (!option.is_default) map.emplace(option.key, option.value);
  }
  return map;
}

std::string CsvDialect::to_options() const {
  std::string text;
  for (const SniffedOption& option : options) {
    if (option.is_default) continue;
    text += (text.empty() ? "-o " : " -o ") + option.key + "=" + shell_word(option.value);
  }
  return text;
}

std::string CsvDialect::to_json() const {
  Json found = Json::object();
  for (const SniffedOption& option : options) {
    found[option.key] = {{"value", option.value},
                         {"default", option.is_default},
                         {"confidence", option.confidence},
                         {"reason", option.reason}};
  }
  Json columns = Json::array();
  for (int i = 0; i < schema.num_fields(); ++i) {
    const Field field = schema.field(i);
    columns.push_back({{"name", field.name}, {"type", field.type.to_string()}});
  }
  return to_line({{"options", std::move(found)},
                  {"columns", std::move(columns)},
                  {"command_line", to_options()}});
}

Result<CsvDialect> sniff_csv(const SourceConfig& config) {
  return guard([&] { return sniff_file(config); });
}

}  // namespace polarway
