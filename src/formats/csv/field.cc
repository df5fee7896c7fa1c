#include "formats/csv/field.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "formats/swar.h"

namespace polarway::csv {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Length of the well-formed sequence at the start of `bytes`, or 0; `*invalid` is then the length
// of the maximal part to replace. Ranges: table 3-7 of the Unicode standard.
std::size_t sequence_length(std::string_view bytes, std::size_t* invalid) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  const std::uint8_t lead = at(0);
  *invalid = 1;
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= bytes.size() || at(i) < low || at(i) > high) {
      *invalid = i;
      return 0;
    }
    low = 0x80;
    high = 0xBF;
  }
  return length;
}

}  // namespace

char* append_unquoted(std::string_view field, const Marks& marks, char* out) {
  const char quote = static_cast<char>(marks.quote);
  if (field.size() < 2 || field.back() != quote) return nullptr;
  const char* in = field.data() + 1;
  const char* const end = field.data() + field.size() - 1;
  const std::uint64_t quotes = swar::repeat(marks.quote);
  while (in < end) {
    const std::uint64_t found = swar::zero_bytes(swar::load(in) ^ quotes);
    const std::uint64_t found_later = swar::zero_bytes(swar::load(in + 8) ^ quotes);
    std::memcpy(out, in, kUnquotePadding);
    std::ptrdiff_t at = kUnquotePadding;
    if ((found | found_later) != 0) {
      at = found != 0 ? std::countr_zero(found) / 8 : 8 + std::countr_zero(found_later) / 8;
    }
    const std::ptrdiff_t left = std::min<std::ptrdiff_t>(end - in, kUnquotePadding);
    if (at >= left) {
      in += left;
      out += left;
      continue;
    }
    if (in + at + 1 == end || in[at + 1] != quote) return nullptr;
    in += at + 2;
    out += at + 1;
  }
  return out;
}

Unquoted unquote_escaped(std::string_view field, const Marks& marks) {
  Unquoted result{.text = field};
  const auto is = [](char c, std::uint8_t mark) { return static_cast<std::uint8_t>(c) == mark; };
  result.quoted = marks.has_quote && !field.empty() && is(field[0], marks.quote);
  std::size_t i = result.quoted ? 1 : 0;
  for (; i < field.size(); ++i) {
    if (is(field[i], marks.escape)) {
      result.escaped = true;
      if (++i == field.size()) result.malformed = true;
    } else if (result.quoted && is(field[i], marks.quote)) {
      if (i + 1 == field.size() || !is(field[i + 1], marks.quote)) break;
      result.escaped = true;
      ++i;
    }
  }
  if (!result.quoted) return result;
  result.malformed |= i + 1 != field.size();
  if (!result.malformed) result.text = field.substr(1, field.size() - 2);
  return result;
}

std::string unescaped(const Unquoted& field, const Marks& marks) {
  if (!field.escaped) return std::string(field.text);
  std::string result;
  for (std::size_t i = 0; i < field.text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(field.text[i]);
    if (marks.has_escape && byte == marks.escape) {
      if (++i < field.text.size()) result += field.text[i];
      continue;
    }
    result += field.text[i];
    if (field.quoted && byte == marks.quote) ++i;
  }
  return result;
}

std::string decoded(std::string_view bytes, Encoding encoding) {
  std::string result(bytes.size() * 3, '\0');
  const char* end = append_decoded(bytes, encoding, result.data());
  result.resize(static_cast<std::size_t>(end - result.data()));
  return result;
}

char* append_decoded(std::string_view bytes, Encoding encoding, char* out) {
  if (encoding == Encoding::Latin1) {
    for (const char c : bytes) {
      const auto byte = static_cast<std::uint8_t>(c);
      if (byte < 0x80) {
        *out++ = c;
      } else {
        *out++ = static_cast<char>(0xC0 | (byte >> 6));
        *out++ = static_cast<char>(0x80 | (byte & 0x3F));
      }
    }
    return out;
  }
  while (!bytes.empty()) {
    std::size_t invalid = 0;
    const std::size_t length = sequence_length(bytes, &invalid);
    const std::string_view copied = length > 0 ? bytes.substr(0, length) : kReplacement;
    std::memcpy(out, copied.data(), copied.size());
    out += copied.size();
    bytes.remove_prefix(length > 0 ? length : invalid);
  }
  return out;
}

bool is_valid_utf8(std::string_view bytes) {
  return simdjson::validate_utf8(bytes.data(), bytes.size());
}

std::size_t valid_utf8_length(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    std::size_t invalid = 0;
    const std::size_t length = sequence_length(bytes.substr(at), &invalid);
    if (length == 0) return at;
    at += length;
  }
  return at;
}

}  // namespace polarway::csv
