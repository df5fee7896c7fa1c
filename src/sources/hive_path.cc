#include "sources/hive_path.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "frame/iso_time.h"

namespace polarway {
namespace {

constexpr std::string_view kNull = "__HIVE_DEFAULT_PARTITION__";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A % that two hexadecimal digits do not follow is itself.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) i += 2;
    out += low >= 0 ? static_cast<char>(high * 16 + low) : text[i];
  }
  return out;
}

bool is_int64(const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end && std::to_string(value) == text;
}

bool is_date(const std::string& text) { return text.size() == 10 && parse_iso_time(text); }

}  // namespace

std::vector<HivePart> hive_parts(std::string_view path) {
  std::vector<HivePart> parts;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/')) {
    const std::string_view folder = path.substr(0, slash);
    path.remove_prefix(slash + 1);
    const std::size_t equals = folder.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    HivePart part{.key = decoded(folder.substr(0, equals)), .value = {}};
    const std::string_view value = folder.substr(equals + 1);
    if (value != kNull) part.value = decoded(value);
    const auto same = std::find_if(parts.begin(), parts.end(),
                                   [&](const HivePart& other) { return other.key == part.key; });
    if (same != parts.end()) {
      same->value = std::move(part.value);
    } else {
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

void HiveType::see(const std::optional<std::string>& value) {
  if (!value) return;
  has_value_ = true;
  may_be_int64_ = may_be_int64_ && is_int64(*value);
  may_be_date_ = may_be_date_ && is_date(*value);
}

DataType HiveType::type() const {
  if (!has_value_) return DataType::String;
  if (may_be_int64_) return DataType::Int64;
  if (may_be_date_) return DataType::Date;
  return DataType::String;
}

}  // namespace polarway
