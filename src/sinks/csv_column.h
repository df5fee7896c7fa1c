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
  /// Config error, naming the column, for a type that has no text in CSV.
  static Result<CsvColumn> make(const arrow::Field& field, char delimiter);
  CsvColumn(CsvColumn&&) noexcept;
  CsvColumn& operator=(CsvColumn&&) noexcept;
  ~CsvColumn();

  /// The values to write from now on; of the type that the column was made for. They must stay
  /// while write() is called.
  void bind(const arrow::Array& values);

  /// Looks at rows [from, to), which are written next: when no text in them needs quotes, as a
  /// rule, one look at all of them saves one at each.
  void prepare(std::int64_t from, std::int64_t to);

  /// Writes one cell of the rows that were prepared. False for a date or time that has no text:
  /// nothing is written then.
  bool write(std::int64_t row, TextBuffer& out) const {
    if (is_null(row)) return true;
    if (!is_clean_) return write_value_(*this, row, out);
    write_clean_text(row, out);
    return true;
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

  void write_clean_text(std::int64_t row, TextBuffer& out) const {
    const auto begin = static_cast<std::size_t>(offsets_[row]);
    const auto size = static_cast<std::size_t>(offsets_[row + 1]) - begin;
    if (size == 0) return out.put(std::string_view("\"\""));
    // Most texts are short, and a copy of fixed size is one or two instructions.
    if (size <= kShort && begin + kShort <= text_bytes_) {
      char* const at = out.room(kShort);
      std::memcpy(at, text_ + begin, kShort);
      return out.advance_to(at + size);
    }
    out.put(std::string_view(text_ + begin, size));
  }

  static constexpr std::size_t kShort = 32;

  WriteValue write_value_ = nullptr;
  arrow::TimeUnit::type unit_{};
  bool utc_ = false;
  int scale_ = 0;
  char delimiter_ = ',';
  std::unique_ptr<CsvColumn> dictionary_;

  const arrow::Array* values_ = nullptr;
  const std::uint8_t* validity_ = nullptr;
  std::int64_t offset_ = 0;

  // Of utf8 only: the texts, and whether none of those that were prepared needs quotes.
  const std::int32_t* offsets_ = nullptr;
  const char* text_ = nullptr;
  std::size_t text_bytes_ = 0;
  bool is_clean_ = false;
};

}  // namespace polarway
