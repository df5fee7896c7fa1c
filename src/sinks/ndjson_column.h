#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "polarway/result.h"
#include "sinks/csv_column.h"
#include "sinks/text_buffer.h"

namespace polarway {

/// Writes the values of one column as JSON, so that they read back as the same values: numbers and
/// decimals with all their digits, dates, times and timestamps as ISO 8601 texts, lists as arrays,
/// structs as objects.
///
/// What is no text is written as in a CSV: numbers and booleans look the same in both.
class NdjsonColumn {
 public:
  /// Config error, naming the column, for a type that JSON cannot hold. `nan_is_null`: NaN and the
  /// infinities, which JSON has not, are null.
  static Result<NdjsonColumn> make(const arrow::Field& field, bool nan_is_null);

  /// The values to write from now on; of the type that the column was made for. They must stay
  /// while write() is called.
  void bind(const arrow::Array& values);

  /// Writes one value. False for what has no text: a float that is no number, a date or time beyond
  /// the years of four digits. A part of it may have been written then.
  bool write(std::int64_t row, TextBuffer& out);

 private:
  enum class Kind : std::uint8_t { Plain, Quoted, Float, Text, List, Struct, Dictionary };

  explicit NdjsonColumn(Kind kind) : kind_(kind) {}
  Result<void> add_child(const arrow::Field& field, bool nan_is_null);
  bool is_finite(std::int64_t row) const;
  bool write_list(std::int64_t row, TextBuffer& out);
  bool write_struct(std::int64_t row, TextBuffer& out);

  Kind kind_;
  bool nan_is_null_ = false;
  std::string key_;                     // of a field: "name":
  std::vector<CsvColumn> cells_;        // one, of numbers, booleans and times
  std::vector<NdjsonColumn> children_;  // of lists and dictionaries one, of structs one a field
  const arrow::Array* values_ = nullptr;
  std::vector<std::shared_ptr<arrow::Array>> held_;  // what the children are bound to
};

/// The name of a field as it stands in front of its value: "name":
std::string json_key(const std::string& name);

}  // namespace polarway
