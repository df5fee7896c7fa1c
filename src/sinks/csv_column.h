#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

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
  /// Config error, naming the column, for a type that has no text in CSV. `escape_formulas`: texts
  /// are written by write_inert_csv_text().
  static Result<CsvColumn> make(const arrow::Field& field, char delimiter, bool escape_formulas);
  CsvColumn(CsvColumn&&) noexcept;
  CsvColumn& operator=(CsvColumn&&) noexcept;
  ~CsvColumn();

  /// The values to write from now on; of the type that the column was made for. They must stay
  /// while write() is called.
  void bind(const arrow::Array& values);

  /// Writes one cell; cheapest from the first row to the last. False for a date or time that has no
  /// text: nothing is written then.
  bool write(std::int64_t row, TextBuffer& out) {
    return is_null(row) || write_clean_text(row, out) || write_value_(*this, row, out);
  }

  /// For the functions that write values, one a type.
  using WriteValue = bool (*)(const CsvColumn&, std::int64_t row, TextBuffer&);
  const arrow::Array& values() const { return *values_; }
  CsvColumn& dictionary() const { return *dictionary_; }
  arrow::TimeUnit::type unit() const { return unit_; }
  bool utc() const { return utc_; }
  int scale() const { return scale_; }
  char delimiter() const { return delimiter_; }
  bool escape_formulas() const { return escape_formulas_; }

 private:
  CsvColumn();
  bool choose(const arrow::DataType& type);
  bool is_null(std::int64_t row) const {
    if (validity_ == nullptr) return false;
    const auto bit = static_cast<std::uint64_t>(row + offset_);
    return (validity_[bit / 8] >> (bit % 8) & 1) == 0;
  }

  // Writes a text that is not empty and needs no quotes; otherwise does nothing and returns false.
  bool write_clean_text(std::int64_t row, TextBuffer& out) {
    if (offsets_ == nullptr) return false;
    const auto begin = static_cast<std::size_t>(offsets_[row]);
    const auto end = static_cast<std::size_t>(offsets_[row + 1]);
    if (begin == end || !is_clean(begin, end)) return false;
    // Most texts are short, and a copy of fixed size is one or two instructions.
    if (end - begin <= kShort && begin + kShort <= text_bytes_) {
      char* const at = out.room(kShort);
      std::memcpy(at, text_ + begin, kShort);
      out.advance_to(at + (end - begin));
    } else {
      out.put(std::string_view(text_ + begin, end - begin));
    }
    return true;
  }
  bool is_clean(std::size_t begin, std::size_t end) {
    return (begin >= clean_from_ && end <= clean_to_) || look_from(begin, end);
  }
  bool look_from(std::size_t begin, std::size_t end);

  static constexpr std::size_t kShort = 32;

  WriteValue write_value_ = nullptr;
  arrow::TimeUnit::type unit_{};
  bool utc_ = false;
  int scale_ = 0;
  char delimiter_ = ',';
  bool escape_formulas_ = false;
  std::unique_ptr<CsvColumn> dictionary_;

  const arrow::Array* values_ = nullptr;
  const std::uint8_t* validity_ = nullptr;
  std::int64_t offset_ = 0;

  // Of utf8 only: the texts, and those of their bytes that were seen to need no quotes.
  const std::int32_t* offsets_ = nullptr;
  const char* text_ = nullptr;
  std::size_t text_bytes_ = 0;
  std::size_t clean_from_ = 0;
  std::size_t clean_to_ = 0;
};

}  // namespace polarway
