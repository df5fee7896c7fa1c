#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "formats/block.h"
#include "formats/csv/csv_options.h"
#include "polarway/memory.h"
#include "polarway/sniff.h"

namespace polarway::csv {

/// Bytes of a file that are looked at. Fewer only where it ends.
inline constexpr std::int64_t kSniffedBytes = 1 << 20;

/// Finds the dialect of a file that begins with `sample`, at most kSniffedBytes of it: a function
/// of these bytes and of what the user said, and of nothing else. `given` are the options as the
/// user spelled them: they are believed and help to find the others. `is_whole` says that the file
/// ends with the sample. Config error for what is given wrongly, EmptySource when there is no row.
Result<CsvDialect> sniff(std::span<const std::uint8_t> sample, bool is_whole,
                         const std::map<std::string, std::string>& given);

/// The same for the stream that a block has the start of: fills the block as far as is needed, and
/// consumes nothing. MemoryLimit where the budget has no room for looking.
Result<CsvDialect> sniff(Block& block, const std::map<std::string, std::string>& given,
                         const std::shared_ptr<MemoryBudget>& budget, std::stop_token stop);

/// The options with what they leave open as sniff() finds it. `options` are those of Dialect::Auto.
Result<CsvOptions> found_options(const CsvOptions& options, Block& block,
                                 const std::shared_ptr<MemoryBudget>& budget, std::stop_token stop);

}  // namespace polarway::csv
