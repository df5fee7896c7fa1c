#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>

#include "formats/csv/field.h"
#include "formats/csv/field_batch.h"
#include "formats/csv/rows.h"
#include "formats/csv/value_rules.h"
#include "polarway/result.h"

namespace polarway::csv {

/// How a column is written, and where it goes.
struct ColumnContext {
  Marks marks;
  Encoding encoding = Encoding::Utf8;
  const ValueRules* rules = nullptr;  ///< Outlives the builders.
  arrow::MemoryPool* pool = nullptr;  ///< Pays for the buffers.
};

/// One column of the chunk being built: fields in, Arrow buffers out, a column at a time.
///
/// Null is the empty unquoted field, the empty quoted one where the type is not text, and the
/// null values, as far as the rules do not say otherwise. Blanks around numbers, dates and booleans
/// are ignored. What the type cannot hold exactly does not fit it, save that floats take the
/// nearest value to decimals.
class ColumnBuilder {
 public:
  virtual ~ColumnBuilder() = default;

  /// Starts a chunk of about `rows` rows.
  virtual Result<void> start(std::int64_t rows) = 0;
  /// Appends rows [from, to) of a column. Returns the first row whose field does not fit the type,
  /// or -1; the rows before it are appended, those from it on are not to be relied upon:
  /// truncate().
  Result<std::int64_t> append(const Rows& rows, std::int64_t column, std::int64_t from,
                              std::int64_t to);
  /// Appends a null.
  virtual Result<void> append_null() = 0;
  /// Rows of the chunk so far.
  virtual std::int64_t num_rows() const = 0;
  /// Keeps the first `num_rows` rows.
  virtual void truncate(std::int64_t num_rows) = 0;
  /// Takes rows out: their numbers ascend.
  virtual void drop(std::span<const std::int64_t> rows) = 0;
  /// Several threads fill a chunk in parts: each has a builder of the same type, which writes rows
  /// to their place in this one's buffers. First room is made: for `num_rows` rows and `text_bytes`
  /// of text in all. Only while nobody writes a part.
  virtual Result<void> make_room(std::int64_t num_rows, std::int64_t text_bytes) = 0;
  /// Whether there is such room.
  virtual bool has_room(std::int64_t num_rows, std::int64_t text_bytes) const = 0;
  /// Has `part` write what is appended to it from now on to row `row` and those behind it. Text
  /// goes behind that of the rows before, which must be there. From any thread.
  virtual void lend(ColumnBuilder& part, std::int64_t row) const = 0;
  /// Takes the rows of a part into account. One thread at a time.
  virtual Result<void> add_part(const ColumnBuilder& part) = 0;
  /// Of the rows so far, as they are in the buffer.
  virtual std::int64_t text_bytes() const { return 0; }

  /// The column; the builder is empty then.
  virtual Result<std::shared_ptr<arrow::Array>> finish() = 0;

  /// Upper bound of the Arrow bytes of one row, text aside.
  virtual std::int64_t fixed_row_bytes() const = 0;
  /// Whether the text's length adds to that.
  virtual bool is_text() const { return false; }

 protected:
  /// append(), of a batch.
  virtual Result<std::int64_t> take(const FieldBatch& batch) = 0;
};

/// A builder for one of the types a CSV can have: integers of all widths, float32, float64, bool,
/// date32, time32, time64, timestamp, decimal128, utf8. Config error for any other. `inferred`: the
/// type is a guess from a sample, so a number with leading zeros, which it would lose, does not
/// fit.
Result<std::unique_ptr<ColumnBuilder>> make_column_builder(std::shared_ptr<arrow::DataType> type,
                                                           bool inferred,
                                                           const ColumnContext& context);

}  // namespace polarway::csv
