#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "polarway/schema.h"
#include "polarway/source.h"
#include "sources/added_columns.h"
#include "sources/file_options.h"
#include "sources/path_columns.h"

namespace polarway {

/// The table that files make together, and how the rows of one file become rows of it: which
/// columns are wanted, and where each comes from.
class FileTable {
 public:
  /// A table of these columns in the files, of those that their paths give, and of row numbers if
  /// the options name any. Config error, at `location`, when two columns have one name and when one
  /// is asked for that is not there.
  static Result<FileTable> make(Schema in_files, PathColumns from_paths, const FileOptions& options,
                                const ScanRequest& request, const std::string& location);

  /// Of the chunks.
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  /// Of all files, whether wanted or not.
  const Schema& in_files() const { return in_files_; }
  bool has_row_numbers() const { return has_row_numbers_; }
  /// Whether a decoder can be asked for the filter: its rows are not numbered, and every file has
  /// every column of it.
  bool can_push(const Expr& filter) const;

  /// What one file gives.
  class File {
   public:
    /// The columns that the decoder is asked for.
    const std::vector<std::string>& decoded() const { return decoded_; }
    /// Arrow bytes of a row besides those that are decoded.
    std::int64_t added_row_bytes() const { return added_row_bytes_; }

   private:
    friend class FileTable;
    struct Source {
      int decoded = -1;  // among the decoder's columns, or
      bool is_number = false;
      FileValue value = {};  // or this
    };
    std::vector<std::string> decoded_;
    std::vector<Source> sources_;  // for each column of the schema
    std::int64_t added_row_bytes_ = 0;
  };

  /// How a file with these columns becomes rows. Schema error when a column is not of the table's
  /// type.
  Result<File> file(const Schema& columns, const std::string& path) const;
  /// Where the decoder has the columns it was asked for.
  Result<void> arrange(File& file, const Schema& decoded) const;
  /// Leaves out what only the filter reads: for when the decoders apply it.
  void drop_filter_columns();
  /// Rows of the file's decoder as rows of the table; the first has that number.
  Result<std::shared_ptr<arrow::RecordBatch>> rows(const File& file,
                                                   const arrow::RecordBatch& decoded,
                                                   std::int64_t first_number,
                                                   arrow::MemoryPool* pool) const;

  const PathColumns& from_paths() const { return from_paths_; }

 private:
  enum class From : std::uint8_t { File, Path, Number };
  struct Column {
    From from = From::File;
    int place = 0;  // among those in files, or from paths
  };

  Schema in_files_;
  PathColumns from_paths_;
  bool has_row_numbers_ = false;
  bool all_have_all_ = true;
  std::size_t num_wanted_ = 0;  // of the columns; the others are the filter's
  std::vector<Column> columns_;
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace polarway
