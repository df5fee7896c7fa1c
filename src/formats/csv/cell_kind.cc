#include "formats/csv/cell_kind.h"

#include <algorithm>
#include <cstddef>

#include "formats/parse_value.h"

namespace polarway::csv {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether the text has this shape: 9 stands for one or two digits, Y for two to four, all else for
// itself.
bool has_shape(std::string_view text, std::string_view shape) {
  for (const char wanted : shape) {
    if (wanted != '9' && wanted != 'Y') {
      if (!text.starts_with(wanted)) return false;
      text.remove_prefix(1);
      continue;
    }
    const std::size_t most = wanted == '9' ? 2 : 4;
    std::size_t digits = 0;
    while (digits < std::min(most, text.size()) && is_digit(text[digits])) ++digits;
    if (digits == 0 || (wanted == 'Y' && digits == 1)) return false;
    text.remove_prefix(digits);
  }
  return text.empty();
}

bool is_time(std::string_view text) {
  std::int32_t days = 0;
  TextTime time;
  if (parse_date(text, days) || parse_timestamp(text, time)) return true;
  const std::size_t blank = text.find(' ');
  std::string_view day = text.substr(0, blank);
  std::string_view hour =
      blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
  if (blank == std::string_view::npos && day.find(':') != std::string_view::npos) {
    hour = day;
    day = {};
  }
  if (hour.ends_with(" AM") || hour.ends_with(" PM")) hour.remove_suffix(3);
  hour = hour.substr(0, hour.find('.'));
  const bool good_day = day.empty() || has_shape(day, "9.9.Y") || has_shape(day, "9/9/Y") ||
                        has_shape(day, "9-9-Y") || has_shape(day, "Y/9/9") ||
                        has_shape(day, "Y-9-9");
  const bool good_hour = hour.empty() || has_shape(hour, "9:9") || has_shape(hour, "9:9:9");
  return good_day && good_hour && !text.empty();
}

// Digits, and points and commas between them.
bool is_grouped(std::string_view text) {
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_digit(c) || c == '.' || c == ','; });
}

std::string_view without_sign(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text;
}

CellKind kind_of_digits(std::string_view text) {
  text = without_sign(text);
  const std::size_t comma = text.rfind(',');
  if (is_grouped(text) && comma != std::string_view::npos && text.find(',') == comma &&
      text.find('.', comma) == std::string_view::npos) {
    // 1,234 may be a thousand in one country, and a little more than one in another.
    return CellKind::CommaNumber;
  }
  if (is_grouped(text)) return CellKind::Amount;
  for (const std::string_view sign : {"$", "€", "£", "%", "CHF", "EUR", "USD"}) {
    if (text.starts_with(sign)) text.remove_prefix(sign.size());
    if (text.ends_with(sign)) text.remove_suffix(sign.size());
  }
  return is_grouped(without_sign(trimmed(text))) ? CellKind::Amount : CellKind::Text;
}

// What would separate fields elsewhere. A comma in prose has a blank behind it.
bool looks_cut_wrongly(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ';' || c == '\t' || c == '|') return true;
    if (c == ',' && (i + 1 == text.size() || text[i + 1] != ' ')) return true;
  }
  const auto is_quote = [](char c) { return c == '"' || c == '\''; };
  return is_quote(text.front()) || text.back() == '"';
}

}  // namespace

CellKind kind_of_cell(std::string_view given, bool was_quoted) {
  const std::string_view text = trimmed(given);
  if (text.empty()) return CellKind::Empty;
  bool truth = false;
  double number = 0;
  if (parse_double(text, number)) return CellKind::Number;
  if (parse_bool(text, truth)) return CellKind::Boolean;
  if (is_time(text)) return CellKind::Time;
  const CellKind kind = kind_of_digits(text);
  if (kind != CellKind::Text || was_quoted) return kind;
  return looks_cut_wrongly(text) ? CellKind::Odd : CellKind::Text;
}

}  // namespace polarway::csv
