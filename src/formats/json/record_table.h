#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "formats/json/nested_columns.h"
#include "formats/json/record_parser.h"
#include "formats/json/table_columns.h"
#include "polarway/result.h"

namespace polarway::json {

/// The chunk being built: records in, a batch out.
///
/// Threads: one at a time.
class RecordTable {
 public:
  /// A table of `columns`, of which only those called `wanted` are kept, in that order. Config
  /// error for a type that JSON cannot be read as.
  static Result<std::unique_ptr<RecordTable>> make(const std::vector<TableColumn>& columns,
                                                   const std::vector<std::string>& wanted,
                                                   const JsonOptions& options,
                                                   arrow::MemoryPool* pool);

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }

  /// Starts a chunk.
  void start(std::int64_t max_rows, std::int64_t max_bytes);

  enum class Added : std::uint8_t {
    Row,
    NoRoom,   ///< The chunk is full; needed_bytes() says what it would take with the record.
    Trouble,  ///< The record is no row: see trouble().
  };
  /// Appends a record, behind which RecordParser::kPadding bytes are readable.
  Added add(std::string_view record, RecordParser& parser);

  std::int64_t num_rows() const { return root_->length(); }
  std::int64_t needed_bytes() const { return needed_bytes_; }
  const Trouble& trouble() const { return context_.trouble; }

  /// The rows; there are none then.
  Result<std::shared_ptr<arrow::RecordBatch>> finish();

 private:
  explicit RecordTable(arrow::MemoryPool* pool) : context_(pool) {}
  Added try_to_add(std::string_view record, RecordParser& parser);
  Result<void> add_column(const TableColumn& column, std::unique_ptr<JsonColumn> made);

  ColumnContext context_;
  std::unique_ptr<JsonColumn> root_;
  StructColumn* objects_ = nullptr;  // the root, where records are objects
  std::vector<JsonColumn*> wanted_;  // in the root
  std::shared_ptr<arrow::Schema> schema_;
  std::int64_t last_max_rows_ = 0;
  std::int64_t last_max_bytes_ = 0;
  std::int64_t needed_bytes_ = 0;
};

}  // namespace polarway::json
