#include "formats/csv/sample_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "formats/csv/field.h"

namespace polarway::csv {
namespace {

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6);
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3F));
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

std::string from_utf16(std::span<const std::uint8_t> bytes, bool little_endian) {
  std::string out;
  out.reserve(bytes.size() * 3 / 2);
  std::uint32_t high = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const std::uint32_t unit = little_endian ? bytes[i] | std::uint32_t{bytes[i + 1]} << 8
                                             : bytes[i + 1] | std::uint32_t{bytes[i]} << 8;
    if (unit >= 0xD800 && unit < 0xDC00) {
      high = unit;
    } else if (unit >= 0xDC00 && unit < 0xE000) {
      append_utf8(out, high == 0 ? 0xFFFD : 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
      high = 0;
    } else {
      append_utf8(out, unit);
    }
  }
  return out;
}

// What windows-1252 has where latin1 has control characters; 0 where it has nothing.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

std::string from_windows_1252(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 3);
  for (const char c : bytes) {
    std::uint32_t code = static_cast<std::uint8_t>(c);
    if (code >= 0x80 && code < 0xA0 && kWindows1252[code - 0x80] != 0)
      code = kWindows1252[code - 0x80];
    append_utf8(out, code);
  }
  return out;
}

// Zero bytes at even and at odd places: the text of most languages has one in each pair.
SampleText by_zeros(std::span<const std::uint8_t> bytes) {
  std::array<std::size_t, 2> zeros{};
  const std::size_t looked_at = std::min<std::size_t>(bytes.size(), 4096) / 2 * 2;
  for (std::size_t i = 0; i < looked_at; ++i) zeros[i % 2] += bytes[i] == 0 ? 1 : 0;
  const std::size_t pairs = looked_at / 2;
  for (const bool little_endian : {true, false}) {
    const std::size_t high = zeros[little_endian ? 1 : 0];
    const std::size_t low = zeros[little_endian ? 0 : 1];
    if (pairs < 2 || high * 4 < pairs || low * 20 > pairs) continue;
    return {.encoding = little_endian ? "utf-16le" : "utf-16be",
            .confidence = 0.9,
            .reason = "every second byte is zero, " + std::to_string(high) + " of " +
                      std::to_string(pairs) + ", and there is no byte order mark",
            .utf8 = from_utf16(bytes, little_endian)};
  }
  return {};
}

SampleText by_mark(std::string_view text, std::span<const std::uint8_t> bytes) {
  if (text.starts_with("\xEF\xBB\xBF")) {
    return {.encoding = "utf-8",
            .confidence = 1,
            .reason = "a byte order mark",
            .utf8 = std::string(text.substr(3))};
  }
  for (const bool little_endian : {true, false}) {
    if (!text.starts_with(little_endian ? "\xFF\xFE" : "\xFE\xFF")) continue;
    return {.encoding = little_endian ? "utf-16le" : "utf-16be",
            .confidence = 1,
            .reason = "a byte order mark",
            .utf8 = from_utf16(bytes.subspan(2), little_endian)};
  }
  return {};
}

}  // namespace

SampleText read_sample(std::span<const std::uint8_t> bytes, bool is_whole) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (SampleText marked = by_mark(text, bytes); !marked.encoding.empty()) return marked;
  if (SampleText wide = by_zeros(bytes); !wide.encoding.empty()) return wide;

  const std::size_t valid = valid_utf8_length(text);
  const bool all_valid = valid == text.size() || (!is_whole && text.size() - valid < 4);
  const auto is_high = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  const auto num_high = std::count_if(text.begin(), text.end(), is_high);
  if (all_valid && num_high == 0) {
    return {.encoding = "utf-8",
            .confidence = 0.95,
            .reason = "all of the sample is ASCII",
            .utf8 = std::string(text)};
  }
  if (all_valid) {
    return {.encoding = "utf-8",
            .confidence = 0.99,
            .reason = "all of the sample is valid UTF-8, beyond ASCII, too",
            .utf8 = std::string(text.substr(0, valid))};
  }
  const bool is_windows = std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 && byte < 0xA0;
  });
  return {.encoding = is_windows ? "windows-1252" : "latin1",
          .confidence = 0.5,
          .reason = "byte " + std::to_string(valid) +
                    " is no UTF-8; which encoding of one byte a character it is, only its letters "
                    "tell",
          .utf8 = from_windows_1252(text)};
}

}  // namespace polarway::csv
