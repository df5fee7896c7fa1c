#include "formats/csv/value_rules.h"

#include <algorithm>
#include <utility>

#include "formats/parse_value.h"

namespace polarway::csv {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool contains(const std::vector<std::string>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

}  // namespace

std::optional<std::string_view> NumberMarks::usual(std::string_view text,
                                                   char (&room)[kMostCharacters]) const {
  if (text.size() > kMostCharacters) return std::nullopt;
  std::size_t size = 0;
  std::size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) room[size++] = text[i++];
  std::size_t group = 0;  // digits since the sign or the last mark
  bool has_groups = false;
  const auto group_is_whole = [&] { return !has_groups || group == 3; };
  for (; i < text.size(); ++i) {
    if (is_digit(text[i])) {
      ++group;
      room[size++] = text[i];
    } else if (thousands && text[i] == *thousands) {
      if (group == 0 || group > 3 || !group_is_whole()) return std::nullopt;
      has_groups = true;
      group = 0;
    } else {
      break;
    }
  }
  if (!group_is_whole()) return std::nullopt;
  // What follows the whole part: a point and an exponent, or a word such as nan.
  for (bool is_first = true; i < text.size(); ++i, is_first = false) {
    if (is_first && text[i] == point) {
      room[size++] = '.';
    } else if (text[i] == '.' || text[i] == point || text[i] == thousands) {
      return std::nullopt;
    } else {
      room[size++] = text[i];
    }
  }
  return std::string_view(room, size);
}

bool ValueRules::read_bool(std::string_view text, bool& out) const {
  if (!has_own_booleans()) return parse_bool(text, out);
  out = contains(true_texts, text);
  return out || contains(false_texts, text);
}

bool ValueRules::read_date(std::string_view text, std::int32_t& out) const {
  if (!date_format) return parse_date(text, out);
  TextTime time;
  if (!date_format->parse(text, time)) return false;
  out = time.days;
  return true;
}

bool ValueRules::read_time(std::string_view text, TextTime& out) const {
  return time_format ? time_format->parse(text, out) : parse_time(text, out);
}

bool ValueRules::read_timestamp(std::string_view text, TextTime& out) const {
  return timestamp_format ? timestamp_format->parse(text, out) : parse_timestamp(text, out);
}

FileRules::FileRules(const CsvOptions& options) {
  common_ = {.nulls = NullValues(options.null_values.common),
             .quoted_can_be_null = options.quoted_can_be_null,
             .empty_text_is_null = !options.missing_utf8_is_empty_string,
             .quoted_empty_text_is_null = options.empty_string_is_null,
             .numbers = {.point = options.decimal_point, .thousands = options.thousands},
             .true_texts = options.true_values,
             .false_texts = options.false_values,
             .infers_times = options.try_parse_dates,
             .date_format = options.date_format.common.format,
             .timestamp_format = options.timestamp_format.common.format,
             .time_format = options.time_format.common.format,
             .time_zone = options.time_zone.zone};
  const auto add_names = [this](const auto& per_column, const char* option) {
    for (const auto& entry : per_column.named) named_by_.emplace(entry.first, option);
  };
  add_names(options.null_values, "null_values");
  add_names(options.date_format, "date_format");
  add_names(options.timestamp_format, "timestamp_format");
  add_names(options.time_format, "time_format");
  for (const auto& entry : named_by_) {
    const std::string& name = entry.first;
    ValueRules rules = common_;
    rules.nulls = NullValues(options.null_values.of(name));
    rules.date_format = options.date_format.of(name).format;
    rules.timestamp_format = options.timestamp_format.of(name).format;
    rules.time_format = options.time_format.of(name).format;
    named_.emplace(name, std::move(rules));
  }
}

const ValueRules& FileRules::of(const std::string& column) const {
  const auto found = named_.find(column);
  return found == named_.end() ? common_ : found->second;
}

}  // namespace polarway::csv
