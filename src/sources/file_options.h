#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/option_table.h"
#include "polarway/result.h"

namespace polarway {

/// What becomes of a column that not all files have.
enum class MissingColumns : std::uint8_t { Raise, Insert };
enum class ExtraColumns : std::uint8_t { Raise, Ignore };
/// Whether folders called key=value are columns.
enum class HivePartitioning : std::uint8_t { Auto, On, Off };

/// What users may say about files, one or many, whatever their format.
struct FileOptions {
  bool glob = true;
  bool union_by_name = false;
  MissingColumns missing_columns = MissingColumns::Raise;
  ExtraColumns extra_columns = ExtraColumns::Raise;
  std::optional<std::string> include_file_paths;
  HivePartitioning hive_partitioning = HivePartitioning::Auto;
  std::optional<std::string> row_index_name;
  std::int64_t row_index_offset = 0;

  /// Whether files may have columns that others have not.
  bool allows_differences() const {
    return union_by_name || missing_columns == MissingColumns::Insert ||
           extra_columns == ExtraColumns::Ignore;
  }
  /// Whether one file is read as it stands, with nothing from its name and no row number.
  bool adds_no_column() const {
    return !include_file_paths && !row_index_name && hive_partitioning != HivePartitioning::On;
  }
};

/// Names, aliases, meanings; reads and documents the struct.
const OptionTable<FileOptions>& file_option_table();

/// Reads the options and refuses what makes no sense.
Result<FileOptions> parse_file_options(const std::map<std::string, std::string>& given);

}  // namespace polarway
