#include "quantities.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace polarway::cli {

namespace {

// Three digits, and a unit that keeps them before the next thousand: 999.6 is 1.00 of the next.
std::string scaled(double value, const std::array<const char*, 5>& units) {
  std::size_t unit = 0;
  while (std::abs(value) >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  std::string digits = unit == 0 || std::abs(value) >= 99.95 ? fmt::format("{:.0f}", value)
                       : std::abs(value) >= 9.995            ? fmt::format("{:.1f}", value)
                                                             : fmt::format("{:.2f}", value);
  if (digits.find('.') != std::string::npos) {  // 64.0 MB is 64 MB
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return digits + units[unit];
}

}  // namespace

std::string bytes_text(double bytes) { return scaled(bytes, {" B", " KB", " MB", " GB", " TB"}); }

std::string short_count_text(double count) { return scaled(count, {"", " k", " M", " G", " T"}); }

std::string count_text(std::int64_t count) {
  std::string text = fmt::format("{}", count);
  const std::size_t first_digit = count < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first_digit + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string seconds_text(double seconds) {
  if (seconds < 9.995) return fmt::format("{:.2f} s", seconds);
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string percent_text(double part, double whole) {
  return whole > 0 ? fmt::format("{:.0f}", 100 * part / whole) : "0";
}

std::string json_text(std::string_view text) {
  std::string json = "\"";
  for (const char character : text) {
    switch (character) {
      case '"':
        json += "\\\"";
        break;
      case '\\':
        json += "\\\\";
        break;
      case '\n':
        json += "\\n";
        break;
      case '\t':
        json += "\\t";
        break;
      case '\r':
        json += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(character) < 0x20) {
          json += fmt::format("\\u{:04x}", static_cast<unsigned>(character));
        } else {
          json += character;
        }
    }
  }
  return json + '"';
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=@%+";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string word = "'";
  for (const char character : text) {
    word += character == '\'' ? std::string("'\\''") : std::string(1, character);
  }
  return word + "'";
}

}  // namespace polarway::cli
