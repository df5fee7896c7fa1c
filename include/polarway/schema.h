#pragma once

#include <arrow/type_fwd.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "polarway/export.h"
#include "polarway/result.h"

namespace polarway {

/// The type of a column: an Arrow data type with the names that Polars and DuckDB users know.
class POLARWAY_EXPORT DataType {
 public:
  static const DataType Int64;         ///< 64-bit signed integer; spelled "int64".
  static const DataType Float64;       ///< IEEE 754 double; spelled "float64".
  static const DataType Boolean;       ///< true or false; spelled "bool".
  static const DataType String;        ///< UTF-8 text; spelled "string".
  static const DataType Date;          ///< Days since 1970-01-01 (date32); spelled "date".
  static const DataType Timestamp;     ///< Microseconds, no zone; spelled "timestamp[us]".
  static const DataType TimestampUtc;  ///< Microseconds in UTC; spelled "timestamp[us, UTC]".

  /// Any Arrow type. `type` must not be null.
  explicit DataType(std::shared_ptr<arrow::DataType> type);

  /// Reads the spellings above, their usual aliases (utf8, str, double, datetime, boolean, ...),
  /// and Polars' names (Int64, Float64, String, ...). Config error for anything else.
  static Result<DataType> parse(std::string_view text);

  /// The spelling that parse() reads back.
  std::string to_string() const;

  /// The Arrow type; never null.
  const std::shared_ptr<arrow::DataType>& arrow() const { return type_; }

  /// Same type, metadata aside.
  bool operator==(const DataType& other) const;

 private:
  std::shared_ptr<arrow::DataType> type_;
};

/// A column's name and type.
struct Field {
  std::string name;      ///< Unique within a schema.
  DataType type;         ///< What the column holds.
  bool nullable = true;  ///< Whether nulls may occur.

  /// A nullable field.
  Field(std::string field_name, DataType field_type, bool may_be_null = true)
      : name(std::move(field_name)), type(std::move(field_type)), nullable(may_be_null) {}
};

/// The ordered columns of a source or a chunk. An immutable value; cheap to copy.
class POLARWAY_EXPORT Schema {
 public:
  /// No columns.
  Schema();
  /// `Schema({{"name", DataType::String}, {"age", DataType::Int64}})`
  Schema(std::initializer_list<Field> fields);
  /// The same, from a vector.
  explicit Schema(const std::vector<Field>& fields);
  /// Shares an Arrow schema, which must not be null.
  explicit Schema(std::shared_ptr<arrow::Schema> schema);

  /// Reads what to_json() writes, and the short form {"name": "string", "age": "int64"}.
  static Result<Schema> from_json(std::string_view json);

  /// `{"fields":[{"name":"age","type":"int64","nullable":true}, ...]}`: what the option
  /// `schema` of the text formats takes.
  std::string to_json() const;

  /// One line per column: "name: type".
  std::string to_string() const;

  /// Number of columns.
  int num_fields() const;
  /// Column `i`, 0 <= i < num_fields().
  Field field(int i) const;
  /// The names, in order.
  std::vector<std::string> names() const;
  /// The index of a column, or -1.
  int index_of(std::string_view name) const;

  /// The Arrow schema; never null.
  const std::shared_ptr<arrow::Schema>& arrow() const { return schema_; }

  /// Same names, types and nullability in the same order.
  bool operator==(const Schema& other) const;

 private:
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace polarway
