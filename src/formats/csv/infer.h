#pragma once

#include <cstdint>
#include <string_view>

#include "formats/csv/field.h"
#include "formats/csv/field_batch.h"
#include "formats/csv/value_rules.h"
#include "polarway/schema.h"

namespace polarway::csv {

/// What the fields of one column have in common so far: a type stays possible until a field does
/// not fit it. Nulls fit everything.
class TypeGuess {
 public:
  /// `rules` are those of the column, and must outlive the guess.
  explicit TypeGuess(const ValueRules& rules) : rules_(&rules) {}

  /// Looks at one more field, as it stands in the text.
  void see(std::string_view field, const Marks& marks);
  /// Looks at fields of a column, as see() does, several at a time where it can.
  void see(const FieldBatch& batch, const Marks& marks);

  /// bool, int64, float64, date, timestamp (in the rules' zone, if they have one), timestamp in
  /// UTC: the first that fits all fields seen; text when none does or when only nulls were seen.
  /// Numbers with leading zeros, which a numeric column would lose, and integers that neither int64
  /// nor float64 can hold, are text.
  DataType type() const;

  /// Whether a field was no null.
  bool has_seen_value() const { return seen_value_; }

  /// Average length of the fields, in bytes; 0 before the first.
  double bytes_per_field() const {
    return num_fields_ == 0 ? 0
                            : static_cast<double>(num_bytes_) / static_cast<double>(num_fields_);
  }

 private:
  enum Possible : unsigned {
    kBoolean = 1,
    kInt64 = 2,
    kFloat64 = 4,
    kDate = 8,
    kTimestamp = 16,
    kTimestampUtc = 32,
    kNumbers = kInt64 | kFloat64,
    kTimestamps = kTimestamp | kTimestampUtc,
    kAll = 63
  };
  void see_number(std::string_view text);
  void see_time(std::string_view text);
  void rule_out(unsigned types) { possible_ &= ~types; }

  const ValueRules* rules_;
  unsigned possible_ = kAll;
  bool seen_value_ = false;
  std::int64_t num_fields_ = 0;
  std::int64_t num_bytes_ = 0;
};

}  // namespace polarway::csv
