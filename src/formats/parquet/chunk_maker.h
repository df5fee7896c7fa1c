#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "formats/parquet/column.h"
#include "polarway/source.h"

namespace polarway::pq {

/// A column that chunks have, and what is known of its rows.
struct ChunkColumn {
  std::unique_ptr<Column> column;
  double varying_row_bytes = 0;  ///< At first: an estimate.
};

class RowSieve;

/// Makes chunk after chunk of columns that are decoded independently, on several threads: how many
/// rows a chunk takes is foreseen, and settled by the column that gets least far.
///
/// Threads: one at a time.
class ChunkMaker {
 public:
  /// Rows are counted as in Column; they go from `row` to `end_row`. `location` is for errors.
  ChunkMaker(std::vector<ChunkColumn> columns, std::int64_t row, std::int64_t end_row,
             std::string location, const Context& context);
  /// Only of the rows that the sieve picks, of columns that can.
  ChunkMaker(std::vector<ChunkColumn> columns, std::unique_ptr<RowSieve> sieve,
             std::string location, const Context& context);
  ~ChunkMaker();

  /// Goes to a row, and ends with another. Without a sieve.
  void go_to(std::int64_t row, std::int64_t end_row);

  /// The next rows, as SourceReader::read() has them: an array for each column. Nothing at the end.
  Result<std::optional<arrow::ArrayVector>> next(const ChunkTarget& target);

  /// How many rows next() has made.
  std::int64_t num_rows() const { return num_rows_; }
  /// The row that comes next.
  std::int64_t row() const { return row_; }
  /// The row behind the last. Without a sieve.
  std::int64_t end_row() const { return end_row_; }

 private:
  // What has become of a column in a chunk.
  struct Progress {
    std::int64_t rows = 0;
    std::optional<SourceError> error;
  };

  void start();
  Result<std::int64_t> choose_rows(const ChunkTarget& target);
  std::int64_t foreseen_rows(const ChunkTarget& target) const;
  Result<std::int64_t> read(std::int64_t rows, std::int64_t max_bytes);
  std::vector<std::int64_t> shares(std::int64_t rows, std::int64_t max_bytes) const;
  void read_columns(std::int64_t rows, const std::vector<std::int64_t>& max_bytes);
  void read_column(std::size_t i, std::int64_t rows, std::int64_t max_bytes);
  void read_refused(std::int64_t rows, const std::vector<std::int64_t>& max_bytes);
  Result<std::int64_t> read_one_row(std::int64_t max_bytes);
  void go_back();

  std::vector<ChunkColumn> columns_;
  std::vector<Progress> progress_;   // of each column
  std::unique_ptr<RowSieve> sieve_;  // null: all rows are wanted
  std::int64_t fixed_row_bytes_ = 0;
  std::int64_t row_ = 0;
  std::int64_t end_row_ = 0;
  std::int64_t num_rows_ = 0;
  std::string location_;
  Context context_;
};

}  // namespace polarway::pq
