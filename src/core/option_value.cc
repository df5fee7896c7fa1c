#include "core/option_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/quoted_text.h"
#include "polarway/memory.h"

namespace polarway {

namespace {

auto refuse(std::string_view text, std::string_view what, std::string hint) {
  return fail({.kind = ErrorKind::Config,
               .message = fmt::format("{} is not {}", shorten(text), what),
               .hint = std::move(hint)});
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

template <class Number>
bool read_number(std::string_view text, Number& value) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const char* end = text.data() + text.size();
  const std::from_chars_result got = std::from_chars(text.data(), end, value);
  return got.ec == std::errc() && got.ptr == end;
}

Result<std::vector<std::string>> parse_json_list(std::string_view text) {
  constexpr std::string_view kWhat = "a JSON list of strings";
  const nlohmann::json list = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return refuse(text, kWhat, "write a,b,c or [\"a\",\"b\",\"c\"]");
  std::vector<std::string> items;
  for (const nlohmann::json& item : list) {
    if (!item.is_string() && !item.is_number())
      return refuse(text, kWhat, "put each item in double quotes");
    items.push_back(item.is_string() ? item.get<std::string>() : item.dump());
  }
  return items;
}

}  // namespace

bool is_spelled_none(std::string_view text) { return text.empty() || lower(text) == "none"; }

Result<bool> OptionValue<bool>::parse(std::string_view text) {
  const std::string word = lower(trim(text));
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  return refuse(text, "a bool", "write true or false");
}

Result<std::int64_t> OptionValue<std::int64_t>::parse(std::string_view text) {
  std::string digits(trim(text));
  // Only between digits, as in 10_000: a misplaced one stays, and is no number.
  for (std::size_t i = digits.size(); i-- > 1;) {
    if (digits[i] == '_' && i + 1 < digits.size() && digits[i - 1] != '_') digits.erase(i, 1);
  }
  std::int64_t value = 0;
  if (!read_number(digits, value))
    return refuse(text, "an integer", "write a whole number such as 10000");
  return value;
}

Result<double> OptionValue<double>::parse(std::string_view text) {
  double value = 0;
  if (!read_number(trim(text), value) || !std::isfinite(value)) {
    return refuse(text, "a number", "write a number such as 0.8");
  }
  return value;
}

std::string OptionValue<double>::print(double value) { return fmt::format("{}", value); }

Result<char> OptionValue<char>::parse(std::string_view text) {
  if (text == "\\t" || lower(text) == "tab") return '\t';
  if (text.size() != 1) return refuse(text, "one character", "give a single byte, or tab");
  return text.front();
}

Result<Bytes> OptionValue<Bytes>::parse(std::string_view text) {
  POLARWAY_TRY(const std::int64_t bytes, parse_size(text));
  return Bytes{bytes};
}

std::string OptionValue<Bytes>::print(Bytes size) {
  for (const auto& [unit, bytes] :
       {std::pair("GiB", std::int64_t{1} << 30), std::pair("MiB", std::int64_t{1} << 20),
        std::pair("KiB", std::int64_t{1} << 10)}) {
    if (size.value != 0 && size.value % bytes == 0)
      return fmt::format("{}{}", size.value / bytes, unit);
  }
  return std::to_string(size.value);
}

Result<std::vector<std::string>> OptionValue<std::vector<std::string>>::parse(
    std::string_view text) {
  if (trim(text).starts_with('[')) return parse_json_list(text);
  std::vector<std::string> items;
  if (trim(text).empty()) return items;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    items.emplace_back(trim(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return items;
}

std::string OptionValue<std::vector<std::string>>::print(const std::vector<std::string>& items) {
  const std::string joined = fmt::format("{}", fmt::join(items, ","));
  // The short form only where it reads back the same.
  if (parse(joined) == items) return joined;
  return nlohmann::json(items).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace polarway
