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
#include "formats/json/record_scanner.h"
#include "formats/json/rescued_values.h"
#include "formats/json/table_columns.h"
#include "formats/json/text_column.h"
#include "polarway/result.h"

namespace polarway::json {

/// The chunk being built: records in, a batch out.
///
/// Threads: one at a time.
class RecordTable {
 public:
  /// A table of `columns`, of which only those called `wanted` are kept, in that order. Config
  /// error for a type that JSON cannot be read as. kRescuedColumn may be wanted where the options
  /// have it.
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

  /// Appends records off the front of a text that begins behind one and ends behind one, as long as
  /// they are written as most are; says how much of it they take. Both ends of the text are padded
  /// with kScanPadding readable bytes.
  std::size_t add_plain_records(std::string_view text, Layout layout);

  /// Appends rows [begin, end) of another table of the same columns, as many as there is room for.
  /// Says how many.
  std::int64_t append_rows(const RecordTable& other, std::int64_t begin, std::int64_t end);
  /// Whether the records to come are known to be UTF-8.
  void set_utf8(bool is_utf8) { is_utf8_ = is_utf8; }
  /// Drops all rows, and keeps their memory for others.
  void clear();

  std::int64_t num_rows() const { return root_->length(); }
  std::int64_t needed_bytes() const { return needed_bytes_; }
  const Trouble& trouble() const { return context_.trouble; }

  /// The rows; there are none then.
  Result<std::shared_ptr<arrow::RecordBatch>> finish();

 private:
  explicit RecordTable(arrow::MemoryPool* pool) : context_(pool) {}
  bool try_to_append_rows(const RecordTable& other, std::int64_t begin, std::int64_t end);
  Added try_to_add(std::string_view record, RecordParser& parser);
  bool append(std::string_view record, RecordParser& parser);
  const char* next_plain(const char* at, const char* end, Layout layout);
  bool tries_plain(char first);
  bool settle_plain(bool is_plain, std::int64_t row);
  bool append_plain(std::string_view record);
  bool rescue(std::string_view record, RecordParser& parser);
  void truncate(std::int64_t num_rows);
  std::int64_t bytes() const;
  void forget_size();
  Result<void> add_column(const TableColumn& column, const std::string& separator,
                          std::unique_ptr<JsonColumn> made);

  ColumnContext context_;
  std::unique_ptr<JsonColumn> root_;
  StructColumn* objects_ = nullptr;      // the root, where records are objects
  std::unique_ptr<TextColumn> rescued_;  // null: it is not wanted
  RescuedValues rescued_values_{nullptr};
  bool rescues_ = false;
  std::vector<JsonColumn*> wanted_;  // in the root, or what is rescued
  std::shared_ptr<arrow::Schema> schema_;
  std::int64_t last_max_rows_ = 0;
  std::int64_t last_max_bytes_ = 0;
  std::int64_t needed_bytes_ = 0;
  bool was_full_ = false;  // since the start
  bool is_utf8_ = false;
  bool may_be_too_deep_ = false;  // a record whose values all fit
  std::int64_t num_passed_ = 0;   // so many more records are not tried as plain ones
  std::int64_t next_passed_ = 1;
};

}  // namespace polarway::json
