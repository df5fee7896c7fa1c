#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "formats/csv/csv_options.h"
#include "formats/csv/infer.h"
#include "formats/csv/row_scanner.h"
#include "formats/csv/value_rules.h"
#include "polarway/memory.h"

namespace polarway::csv {

/// A column of the file, as the header, the sample and the options have it.
struct FileColumn {
  std::string name;
  DataType type = DataType::String;
  bool inferred = true;      ///< A guess from the sample, not the user's word.
  bool is_seen = true;       ///< The type is known, or the sample has a value of it.
  double bytes_per_row = 0;  ///< Arrow bytes, on average over the sample.
};

/// The columns of a file, and where its data begins.
struct FileStart {
  std::vector<FileColumn> columns;
  std::int64_t data_offset = 0;  ///< The first row after the header.
  MemoryLease columns_lease;     ///< For what columns take besides their values; see
                                 ///< settle_measured().

  /// The columns as Decoder::start() tells them.
  Schema schema() const;
};

/// The names of a file's columns: of `new_columns`, else of the header, else by their places. As
/// Polars has it, the second "a" is "a_duplicated_0", the third "a_duplicated_1".
std::vector<std::string> name_columns(
    std::int64_t num_columns, const CsvOptions& options,
    const std::function<std::string(std::int64_t column)>& header_text);

/// Reads rows to be skipped, the header, more such rows and a sample, and leaves `block` at
/// data_offset.
/// The sample is not asked for the types of columns that `known` names, nor read when it names all.
/// EmptySource when there is no row at all; Schema when the options name columns that are not
/// there; MemoryLimit, before anything is made of them, when there is no room for so many columns.
/// Errors carry no location.
Result<FileStart> read_start(Block& block, RowScanner& scanner, const CsvOptions& options,
                             const FileRules& rules, const Schema& known, bool seekable,
                             const std::shared_ptr<MemoryBudget>& budget, std::stop_token stop);

}  // namespace polarway::csv
