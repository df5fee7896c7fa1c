#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>

#include "polarway/result.h"
#include "sinks/text_buffer.h"

namespace polarway {

/// Writes the cells of one column of a CSV, so that they read back as the same values. Null is the
/// empty field and the empty string is `""`; text is quoted where it must be: around delimiters,
/// quotes (doubled) and line ends.
///
/// No cell allocates. Types: null, bool, integers, floats, decimal128 (and narrower), dates, times
/// of day, timestamps, strings of all layouts, and dictionaries of these.
class CsvColumn {
 public:
  /// Config error, naming the column, for a type that has no text in CSV.
  static Result<CsvColumn> make(const arrow::Field& field, char delimiter);
  CsvColumn(CsvColumn&&) noexcept;
  CsvColumn& operator=(CsvColumn&&) noexcept;
  ~CsvColumn();

  /// The values to write from now on; of the type that the column was made for. They must stay
  /// while write() is called.
  void bind(const arrow::Array& values);

  /// Writes one cell. False for a date or time that has no text: nothing is written then.
  bool write(std::int64_t row, TextBuffer& out) const {
    return is_null(row) || write_value_(*this, row, out);
  }

  /// For the functions that write values, one a type.
  using WriteValue = bool (*)(const CsvColumn&, std::int64_t row, TextBuffer&);
  const arrow::Array& values() const { return *values_; }
  const CsvColumn& dictionary() const { return *dictionary_; }
  arrow::TimeUnit::type unit() const { return unit_; }
  bool utc() const { return utc_; }
  int scale() const { return scale_; }
  char delimiter() const { return delimiter_; }

 private:
  CsvColumn();
  bool choose(const arrow::DataType& type);
  bool is_null(std::int64_t row) const {
    if (validity_ == nullptr) return false;
    const auto bit = static_cast<std::uint64_t>(row + offset_);
    return (validity_[bit / 8] >> (bit % 8) & 1) == 0;
  }

  WriteValue write_value_ = nullptr;
  arrow::TimeUnit::type unit_{};
  bool utc_ = false;
  int scale_ = 0;
  char delimiter_ = ',';
  std::unique_ptr<CsvColumn> dictionary_;

  const arrow::Array* values_ = nullptr;
  const std::uint8_t* validity_ = nullptr;
  std::int64_t offset_ = 0;
};

}  // namespace polarway
