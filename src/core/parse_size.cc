#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "core/quoted_text.h"
#include "polarway/memory.h"

namespace polarway {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t bytes;
};

constexpr std::array<Unit, 10> kUnits = {{
    {"", 1},
    {"b", 1},
    {"kb", 1'000},
    {"mb", 1'000'000},
    {"gb", 1'000'000'000},
    {"tb", 1'000'000'000'000},
    {"kib", std::int64_t{1} << 10},
    {"mib", std::int64_t{1} << 20},
    {"gib", std::int64_t{1} << 30},
    {"tib", std::int64_t{1} << 40},
}};

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

std::string_view without_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

const Unit* find_unit(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  for (const Unit& unit : kUnits) {
    if (unit.name == lower) return &unit;
  }
  return nullptr;
}

// Whole bytes in `0.digits` units. From the last digit to the first, because dividing in steps
// rounds down to the same as dividing at once, and no step overflows.
std::int64_t fraction_bytes(std::string_view digits, std::int64_t unit_bytes) {
  std::int64_t bytes = 0;
  for (std::size_t i = digits.size(); i-- > 0;)
    bytes = ((digits[i] - '0') * unit_bytes + bytes) / 10;
  return bytes;
}

}  // namespace

Result<std::int64_t> parse_size(std::string_view text) {
  std::string_view rest = without_spaces(text);
  const std::string_view whole = take_digits(rest);
  std::string_view fraction;
  if (rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) {
    rest.remove_prefix(1);
    fraction = take_digits(rest);
  }
  const Unit* unit = find_unit(without_spaces(rest));
  if ((whole.empty() && fraction.empty()) || unit == nullptr) {
    return fail({.kind = ErrorKind::Config,
                 .message = fmt::format("{} is not a size", shorten(text)),
                 .hint = "write bytes, or a number with KB, MB, GB, TB, KiB, MiB, GiB or TiB"});
  }

  std::int64_t bytes = 0;
  bool fits = true;
  for (const char digit : whole) {
    fits = fits && !__builtin_mul_overflow(bytes, 10, &bytes) &&
           !__builtin_add_overflow(bytes, digit - '0', &bytes);
  }
  fits = fits && !__builtin_mul_overflow(bytes, unit->bytes, &bytes) &&
         !__builtin_add_overflow(bytes, fraction_bytes(fraction, unit->bytes), &bytes);
  if (!fits) {
    return fail({.kind = ErrorKind::Config,
                 .message = fmt::format("{} is too large a size", shorten(text)),
                 .hint = fmt::format("the largest is {} bytes", kMost)});
  }
  return bytes;
}

}  // namespace polarway
