#include "formats/csv/infer.h"

#include <arrow/type.h>

#include "formats/csv/quick_doubles.h"
#include "formats/parse_value.h"

namespace polarway::csv {

void TypeGuess::see(std::string_view field, const Marks& marks) {
  ++num_fields_;
  num_bytes_ += static_cast<std::int64_t>(field.size());
  if (field.empty() || rules_->nulls.contains(field)) return;
  const Unquoted inner = unquote(field, marks);
  if (rules_->quoted_can_be_null && (inner.text.empty() || rules_->nulls.contains(inner.text))) {
    return;
  }
  seen_value_ = true;
  if (possible_ & kBoolean) {
    bool value = false;
    if (!rules_->read_bool(inner.text, value)) rule_out(kBoolean);
  }
  if (possible_ & kNumbers) see_number(inner.text);
  if (possible_ & (kDate | kTimestamps)) see_time(inner.text);
}

void TypeGuess::see(const FieldBatch& batch, const Marks& marks) {
  double values[FieldBatch::kMostFields];
  for (std::int64_t i = 0; i < batch.size; ++i) {
    if (possible_ == kFloat64 && rules_->numbers.are_usual()) {  // what is a number fits
      const std::int64_t count = quick_doubles(batch, i, values);
      for (const std::int64_t end = i + count; i < end; ++i) {
        num_bytes_ += static_cast<std::int64_t>(batch.field(i).size());
      }
      num_fields_ += count;
      if (i == batch.size) return;
    }
    const FieldText field = batch.field(i);
    see(std::string_view(field.begin, field.size()), marks);
  }
}

void TypeGuess::see_number(std::string_view text) {
  char room[NumberMarks::kMostCharacters];
  if (!rules_->numbers.are_usual()) {
    const std::optional<std::string_view> usual = rules_->numbers.usual(text, room);
    if (!usual) return rule_out(kNumbers);
    text = *usual;
  }
  std::int64_t whole = 0;
  double real = 0;
  if (has_leading_zero(text)) rule_out(kNumbers);
  if ((possible_ & kInt64) && !parse_int64(text, whole)) rule_out(kInt64);
  if ((possible_ & kFloat64) && !parse_double(text, real)) rule_out(kFloat64);
}

void TypeGuess::see_time(std::string_view text) {
  if (!rules_->infers_times) return rule_out(kDate | kTimestamps);
  if (possible_ & kDate) {
    std::int32_t days = 0;
    if (!rules_->read_date(text, days)) rule_out(kDate);
  }
  if (possible_ & kTimestamps) {
    TextTime time;
    if (!rules_->read_timestamp(text, time)) {
      rule_out(kTimestamps);
    } else if (time.has_zone) {
      rule_out(kTimestamp);
    } else if (!rules_->time_zone) {
      rule_out(kTimestampUtc);
    }
  }
}

DataType TypeGuess::type() const {
  if (!seen_value_) return DataType::String;
  if (possible_ & kBoolean) return DataType::Boolean;
  if (possible_ & kInt64) return DataType::Int64;
  if (possible_ & kFloat64) return DataType::Float64;
  if (possible_ & kDate) return DataType::Date;
  if (possible_ & kTimestamp) {
    if (!rules_->time_zone) return DataType::Timestamp;
    return DataType(arrow::timestamp(arrow::TimeUnit::MICRO, rules_->time_zone->name()));
  }
  if (possible_ & kTimestampUtc) return DataType::TimestampUtc;
  return DataType::String;
}

}  // namespace polarway::csv
