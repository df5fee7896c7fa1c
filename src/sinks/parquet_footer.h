#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "polarway/result.h"
#include "sinks/output.h"
#include "sinks/scratch_file.h"

namespace polarway {

/// One Parquet footer from the footers of many writers, each with at most one row group, all of the
/// same schema and properties.
///
/// Why: Arrow's writer keeps some 840 bytes for each column of each row group until the file is
/// closed, 8 MB for every 1,000 row groups of 10 columns, so that memory would grow with the
/// output. Here a row group's part of the footer is put aside as the bytes it will have in the
/// file.
class ParquetFooter {
 public:
  /// `scratch_folder`: see ScratchFile.
  explicit ParquetFooter(std::string scratch_folder) : row_groups_(std::move(scratch_folder)) {}

  /// Takes what a writer wrote at its end: a footer, its length and the magic number. Bytes before
  /// the footer (a page index) belong in the file, and are returned.
  Result<std::string_view> add(std::string_view end_of_file, const std::string& location);
  /// Writes the footer for all that was added, at least once, its length and the magic number.
  Result<void> write_to(Output& output);

  std::int64_t num_rows() const { return num_rows_; }
  std::int64_t num_row_groups() const { return static_cast<std::int64_t>(num_row_groups_); }

 private:
  std::string before_;  // of FileMetaData, the fields before num_rows
  std::string after_;   // and those after row_groups
  ScratchFile row_groups_;
  std::int64_t num_rows_ = 0;
  std::uint64_t num_row_groups_ = 0;
};

}  // namespace polarway
