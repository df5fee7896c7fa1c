#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace polarway::json {

// Steps through text that is written as most JSON is, and no further than `end`, behind which at
// least kPlainStep bytes must be readable.

/// What is looked at in one step.
inline constexpr std::size_t kPlainStep = 32;

/// Whether a byte may end the text of a string: quotes, backslashes, control characters.
inline bool may_end_text(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}
/// Whether a byte ends what has no quotes: commas, closing brackets, blanks and the like.
inline bool may_end_token(char c) {
  return c == ',' || c == ']' || c == '}' || static_cast<unsigned char>(c) <= ' ';
}

/// A bit for each of the kPlainStep bytes at `at` that is one of those.
template <class IsMark>
std::uint32_t marks_one_by_one(const char* at, IsMark is_mark) {
  std::uint32_t marks = 0;
  for (std::size_t i = 0; i < kPlainStep; ++i) marks |= std::uint32_t{is_mark(at[i])} << i;
  return marks;
}

/// The same, at once where that can be done.
/// @{
#ifdef __SSE2__
template <class Marks>
[[gnu::always_inline]] inline std::uint32_t marks_at_once(const char* at, Marks marks_of) {
  const auto half = [&](const char* from) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(marks_of(bytes)));
  };
  return half(at) | half(at + 16) << 16;
}
[[gnu::always_inline]] inline std::uint32_t text_marks(const char* at) {
  return marks_at_once(at, [](__m128i bytes) {
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    return _mm_or_si128(control, _mm_or_si128(quote, backslash));
  });
}
[[gnu::always_inline]] inline std::uint32_t token_marks(const char* at) {
  return marks_at_once(at, [](__m128i bytes) {
    const __m128i blank = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(' ')), bytes);
    const __m128i comma = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(','));
    // The brackets differ in one bit.
    const __m128i close =
        _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('}'));
    return _mm_or_si128(blank, _mm_or_si128(comma, close));
  });
}
#else
inline std::uint32_t text_marks(const char* at) { return marks_one_by_one(at, may_end_text); }
inline std::uint32_t token_marks(const char* at) { return marks_one_by_one(at, may_end_token); }
#endif
/// @}

/// The closing quote of a string without escapes, whose text begins at `at`; null where there is an
/// escape or a control character.
inline const char* plain_string_end(const char* at, const char* end) {
  for (; at < end; at += kPlainStep) {
    const std::uint32_t found = text_marks(at);
    if (found == 0) continue;
    at += std::countr_zero(found);
    return at < end && *at == '"' ? at : nullptr;
  }
  return nullptr;
}

/// The same, escapes or not; whether they mean anything is for others to see.
inline const char* string_end(const char* at, const char* end) {
  while (at < end) {
    const std::uint32_t found = text_marks(at);
    if (found == 0) {
      at += kPlainStep;
      continue;
    }
    at += std::countr_zero(found);
    if (at >= end) return nullptr;
    if (*at == '"') return at;
    if (*at != '\\') return nullptr;
    at += 2;
  }
  return nullptr;
}

/// Where a token ends that begins at `at` and has no quotes; null where it is longer than most.
[[gnu::always_inline]] inline const char* short_token_end(const char* at) {
  const std::uint32_t found = token_marks(at);
  return found != 0 ? at + std::countr_zero(found) : nullptr;
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

}  // namespace polarway::json
