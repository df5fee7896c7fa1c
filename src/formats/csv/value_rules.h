#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time_zone.h"
#include "formats/csv/csv_options.h"
#include "formats/csv/field.h"
#include "formats/csv/time_format.h"

namespace polarway::csv {

/// How numbers are written, beside the usual way.
struct NumberMarks {
  char point = '.';
  std::optional<char> thousands;  ///< Between groups of three digits.

  /// Longer numbers than this are only read when they are written the usual way.
  static constexpr std::size_t kMostCharacters = 128;

  bool are_usual() const { return point == '.' && !thousands; }
  /// The number in the usual way: `text` itself, or what is made of it in `room`. Nothing when it
  /// is not written so: groups are of three digits, the first one may be shorter.
  std::optional<std::string_view> usual(std::string_view text, char (&room)[kMostCharacters]) const;
};

/// How the values of one column are written.
struct ValueRules {
  NullValues nulls{{}};
  bool quoted_can_be_null = true;          ///< A quoted text that means null does.
  bool empty_text_is_null = true;          ///< In columns of text: the field without anything.
  bool quoted_empty_text_is_null = false;  ///< In columns of text: the field "".
  NumberMarks numbers;
  std::vector<std::string> true_texts;  ///< Empty, as `false_texts`: the usual ones.
  std::vector<std::string> false_texts;
  bool infers_times = true;                       ///< Dates and timestamps are looked for.
  std::shared_ptr<const TimeFormat> date_format;  ///< Null: ISO 8601, as the next two.
  std::shared_ptr<const TimeFormat> timestamp_format;
  std::shared_ptr<const TimeFormat> time_format;
  std::shared_ptr<const TimeZone> time_zone;  ///< Of timestamps that say none. Null: of no zone.

  bool has_own_booleans() const { return !true_texts.empty() || !false_texts.empty(); }

  /// What a text without quotes and blanks means. As the readers of parse_value.h.
  /// @{
  bool read_bool(std::string_view text, bool& out) const;
  bool read_date(std::string_view text, std::int32_t& out) const;
  bool read_time(std::string_view text, TextTime& out) const;
  bool read_timestamp(std::string_view text, TextTime& out) const;
  /// @}
};

/// The rules of all columns of a file.
class FileRules {
 public:
  explicit FileRules(const CsvOptions& options);

  /// Of a column of this name; valid as long as this is.
  const ValueRules& of(const std::string& column) const;
  /// The columns that have rules of their own, and an option that names each.
  const std::map<std::string, std::string>& named_by() const { return named_by_; }

 private:
  ValueRules common_;
  std::map<std::string, ValueRules> named_;
  std::map<std::string, std::string> named_by_;
};

}  // namespace polarway::csv
