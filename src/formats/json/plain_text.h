#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace polarway::json {

// Steps through text that is written as most JSON is, and no further than `end`, behind which at
// least 8 bytes must be readable.

/// The closing quote of a string without escapes, whose text begins at `at`; null where there is an
/// escape or a control character.
inline const char* plain_string_end(const char* at, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = kOnes * 0x80;
  for (; at < end; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    const std::uint64_t quote = word ^ kOnes * '"';
    const std::uint64_t backslash = word ^ kOnes * '\\';
    // The lowest bit that is set is right; those above it may not be.
    const std::uint64_t found = (((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) |
                                 ((word - kOnes * 0x20) & ~word)) &
                                kHighs;
    if (found == 0) continue;
    at += std::countr_zero(found) / 8;
    return at < end && *at == '"' ? at : nullptr;
  }
  return nullptr;
}

/// Where a token of letters, digits and signs ends that begins at `at`.
inline const char* plain_token_end(const char* at, const char* end) {
  const auto is_of_token = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '+' ||
           c == 'E';
  };
  while (at < end && is_of_token(*at)) ++at;
  return at;
}

inline const char* behind_blanks(const char* at, const char* end) {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
  return at;
}

}  // namespace polarway::json
