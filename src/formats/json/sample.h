#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "formats/block.h"
#include "formats/json/json_options.h"
#include "formats/json/record_parser.h"
#include "formats/json/type_guess.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::json {

/// What the first records of a text look like.
struct Sample {
  Layout layout = Layout::Values;
  std::int64_t data_offset = 0;  ///< Where records begin: behind a byte order mark, and a path.
  std::int64_t num_records = 0;
  TypeGuess root;
  MemoryLease lease;  ///< Pays for the fields.
};

/// Cuts out the records that begin at a sample's data_offset.
RecordScanner make_scanner(Layout layout, const JsonOptions& options);

/// Looks at the first records, as many as the options say; of what cannot be read twice, at those
/// that the block holds. Of fields whose types are `known`, by name, it looks at the names only.
/// Leaves `block`, which is at its start, at data_offset. What is no record ends the sample, and is
/// for whoever reads the rows to find.
///
/// EmptySource when there is nothing but blanks; Config when the path leads to no records;
/// MemoryLimit when there is no room for so many fields. Errors carry no location.
Result<Sample> read_sample(Block& block, RecordParser& parser, const JsonOptions& options,
                           const Schema& known, bool seekable,
                           const std::shared_ptr<MemoryBudget>& budget, std::stop_token stop);

}  // namespace polarway::json
