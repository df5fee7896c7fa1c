#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "polarway/memory.h"
#include "polarway/result.h"
#include "polarway/schema.h"
#include "sources/file_options.h"

namespace polarway {

/// A type that holds every value of both exactly, or refuses it by name: one of them when they are
/// equal or the other has no values (Arrow's null); float64 for int64 and float64 (a reader refuses
/// integers that a float64 cannot hold); text for all others, as it stands in the files.
DataType common_type(const DataType& a, const DataType& b);

/// The columns of a table that is made of several files, from what each of them has. Columns are
/// known by their names, letter by letter.
class ColumnUnion {
 public:
  /// `budget` pays for the columns beyond the first 64.
  ColumnUnion(const FileOptions& options, std::shared_ptr<MemoryBudget> budget)
      : options_(options), budget_(std::move(budget)) {}

  /// Looks at the next file. The first gives the table its columns; what others have more, or less,
  /// is an error or not, as the options say: a Schema error that names the file and the columns.
  Result<void> add(const std::string& path, const Schema& file);
  /// Columns that are in the table whether a file has them or not.
  Result<void> add_pinned(const Schema& pinned);

  std::int64_t num_files() const { return num_files_; }
  /// Of the table. Columns without any value are text.
  Schema schema() const;
  /// Which columns are not in all files, and what is left out: at most a dozen lines.
  std::vector<std::string> notes() const;

 private:
  struct Column {
    std::string name;
    DataType type;
    std::int64_t num_files = 0;  // that have it
    std::string first_without = {};
  };

  Result<void> append(const std::string& name, const DataType& type);

  FileOptions options_;
  std::shared_ptr<MemoryBudget> budget_;
  MemoryLease lease_;  // outlives what it pays for
  std::vector<Column> columns_;
  std::unordered_map<std::string, std::size_t> places_;
  std::int64_t num_files_ = 0;
  std::string first_path_;
  std::int64_t num_with_ignored_ = 0;  // files
  std::string first_ignored_;          // such a file, and its columns
};

/// Checks that a file has the columns of the table, whatever their order, as the options want it.
Result<void> check_columns(const Schema& table, const std::string& first_path, const Schema& file,
                           const std::string& path, const FileOptions& options);

}  // namespace polarway
