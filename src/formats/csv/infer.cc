#include "formats/csv/infer.h"

#include "formats/csv/parse_value.h"

namespace polarway::csv {

void TypeGuess::see(std::string_view field, const Marks& marks, const NullValues& nulls) {
  ++num_fields_;
  num_bytes_ += static_cast<std::int64_t>(field.size());
  if (field.empty() || nulls.contains(field)) return;
  const Unquoted inner = unquote(field, marks);
  if (inner.text.empty() || nulls.contains(inner.text)) return;
  seen_value_ = true;
  const std::string_view text = inner.text;
  if (possible_ & kBoolean) {
    bool value = false;
    if (!parse_bool(text, value)) possible_ &= ~kBoolean;
  }
  if (possible_ & (kInt64 | kFloat64)) {
    std::int64_t whole = 0;
    double real = 0;
    if (has_leading_zero(text)) possible_ &= ~(kInt64 | kFloat64);
    if ((possible_ & kInt64) && !parse_int64(text, whole)) possible_ &= ~kInt64;
    if ((possible_ & kFloat64) && !parse_double(text, real)) possible_ &= ~kFloat64;
  }
  if (possible_ & kDate) {
    std::int32_t days = 0;
    if (!parse_date(text, days)) possible_ &= ~kDate;
  }
  if (possible_ & (kTimestamp | kTimestampUtc)) {
    std::int64_t micros = 0;
    bool has_zone = false;
    if (!parse_timestamp(text, micros, has_zone)) {
      possible_ &= ~(kTimestamp | kTimestampUtc);
    } else {
      possible_ &= has_zone ? ~kTimestamp : ~kTimestampUtc;
    }
  }
}

DataType TypeGuess::type() const {
  if (!seen_value_) return DataType::String;
  if (possible_ & kBoolean) return DataType::Boolean;
  if (possible_ & kInt64) return DataType::Int64;
  if (possible_ & kFloat64) return DataType::Float64;
  if (possible_ & kDate) return DataType::Date;
  if (possible_ & kTimestamp) return DataType::Timestamp;
  if (possible_ & kTimestampUtc) return DataType::TimestampUtc;
  return DataType::String;
}

}  // namespace polarway::csv
