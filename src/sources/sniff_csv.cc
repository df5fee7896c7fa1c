#include <fmt/format.h>

#include <algorithm>
#include <utility>

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
               budget->reserve(Block::memory_bytes(csv::kSniffedBytes), LeaseHolder::Reader));
  POLARWAY_TRY(const auto block, Block::make(*bytes, csv::kSniffedBytes, budget));
  Result<CsvDialect> dialect = csv::sniff(*block, config.options(), budget, {});
  if (!dialect && dialect.error().where.location.empty()) {
    dialect.error().where.location = bytes->location();
  }
  return dialect;
}

}  // namespace

Result<CsvDialect> sniff_csv(const SourceConfig& config) {
  return guard([&] { return sniff_file(config); });
}

}  // namespace polarway
