#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/option_table.h"
#include "formats/json/json_column.h"
#include "formats/json/record_scanner.h"
#include "formats/json/records_path.h"
#include "formats/sample_length.h"
#include "formats/schema_change.h"
#include "polarway/result.h"
#include "polarway/schema.h"

namespace polarway::json {

/// What users may say about JSON.
struct JsonOptions {
  std::optional<Layout> layout;  ///< Nothing: Array where the text begins with [, else Values.
  std::optional<RecordsPath> records_path;  ///< Of the records, in one document around them.
  SampleLength infer_schema_length;
  std::optional<Schema> schema;
  std::optional<Schema> schema_overrides;
  bool try_parse_dates = false;
  SchemaChange on_schema_change = SchemaChange::Error;
  std::optional<std::int64_t> max_rejects;
  DuplicateKeys duplicate_keys = DuplicateKeys::Last;
  bool flatten = false;
  std::string separator = ".";
  std::int64_t max_depth = 128;
  std::optional<std::int64_t> n_rows;  ///< Of a file, before any filter.
};

/// Names, aliases, meanings; reads and documents the struct. Where the text is known to have one
/// record a line, `layout` is Lines.
const OptionTable<JsonOptions>& json_option_table();

/// Reads the options and refuses what makes no sense.
Result<JsonOptions> parse_json_options(const std::map<std::string, std::string>& given);

}  // namespace polarway::json
