#include "formats/csv/quick_doubles.h"

#include <algorithm>
#include <array>
#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/csv/quick_doubles.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "formats/csv/simd_digits.h"
#include "formats/nearest_double.h"
#include "formats/swar.h"

HWY_BEFORE_NAMESPACE();
namespace polarway::csv::HWY_NAMESPACE {

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2

// By where the point is among sixteen characters; kNoPoint: there is none.
constexpr std::size_t kNoPoint = 16;

// What moves the characters before the point one place on, over it.
alignas(16) constexpr auto kOverPoint = [] {
  std::array<std::array<std::uint8_t, kMostDigits>, kNoPoint + 1> places{};
  for (std::size_t point = 0; point <= kNoPoint; ++point) {
    for (std::size_t i = 0; i < kMostDigits; ++i) {
      const bool moves = point != kNoPoint && i <= point;
      places[point][i] = static_cast<std::uint8_t>(!moves ? i : i == 0 ? 0x80 : i - 1);
    }
  }
  return places;
}();

// What the digits are to be divided by.
constexpr auto kDivisors = [] {
  std::array<double, kNoPoint + 1> divisors{};
  for (std::size_t point = 0; point < kNoPoint; ++point) {
    divisors[point] = detail::kPowersOfTen[kNoPoint - 1 - point];
  }
  divisors[kNoPoint] = 1;
  return divisors;
}();

// Where the point is among the last `known` characters.
HWY_INLINE std::size_t point_among(__m128i characters, std::size_t known) {
  const auto points =
      static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(characters, _mm_set1_epi8('.'))));
  const std::uint32_t own = (points >> (kMostDigits - known)) << (kMostDigits - known);
  // The bit behind them stands for none.
  return static_cast<std::size_t>(std::countr_zero(own | 1u << kNoPoint));
}

HWY_INLINE __m128i over_point(__m128i characters, std::size_t point) {
  const __m128i places = _mm_load_si128(reinterpret_cast<const __m128i*>(kOverPoint[point].data()));
  return _mm_shuffle_epi8(characters, places);
}

// The digits of a number without its sign and its point.
struct Decimal {
  __m128i digits;
  double divisor;

  HWY_INLINE Decimal(FieldText text, bool& bad) {
    constexpr std::size_t kMostExact = 15;  // digits, fewer than 2^52
    const char* first = text.begin + (*text.begin == '-');
    const auto size = static_cast<std::size_t>(text.end - first);
    const std::size_t known = std::min(size, kMostDigits);
    const __m128i characters =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.end - kMostDigits));
    const std::size_t point = point_among(characters, known);
    const std::size_t count = known - (point != kNoPoint);
    bad |= size > kMostDigits || count - 1 >= kMostExact ||
           (*first == '0' && size > 1 && first[1] != '.');
    digits = to_digits(over_point(characters, point), count);
    divisor = kDivisors[point];
  }
};

HWY_INLINE std::int64_t sign_of(FieldText text) { return *text.begin == '-' ? INT64_MIN : 0; }

// False when one of them is not a decimal of at most fifteen digits.
HWY_INLINE bool read_four(const FieldBatch& batch, std::int64_t at, double* out) {
  const FieldText texts[] = {batch.field(at), batch.field(at + 1), batch.field(at + 2),
                             batch.field(at + 3)};
  bool bad = false;
  const Decimal a(texts[0], bad);
  const Decimal b(texts[1], bad);
  const Decimal c(texts[2], bad);
  const Decimal d(texts[3], bad);
  const __m256i whole = values_of(a.digits, b.digits, c.digits, d.digits, bad);
  if (bad) return false;
  // As the lowest bits of 2^52, and that taken off again. Then as quick_double().
  const __m256d two_52 = _mm256_set1_pd(0x1p52);
  const __m256d wholes = _mm256_sub_pd(_mm256_or_pd(_mm256_castsi256_pd(whole), two_52), two_52);
  const __m256d sizes =
      _mm256_div_pd(wholes, _mm256_set_pd(d.divisor, c.divisor, b.divisor, a.divisor));
  const __m256i signs =
      _mm256_set_epi64x(sign_of(texts[3]), sign_of(texts[2]), sign_of(texts[1]), sign_of(texts[0]));
  _mm256_storeu_pd(out, _mm256_or_pd(sizes, _mm256_castsi256_pd(signs)));
  return true;
}

// Words from before four ends, one in each lane.
HWY_INLINE __m256i load_words(const char* const (&ends)[4], std::ptrdiff_t before) {
  return _mm256_set_epi64x(static_cast<std::int64_t>(swar::load(ends[3] - before)),
                           static_cast<std::int64_t>(swar::load(ends[2] - before)),
                           static_cast<std::int64_t>(swar::load(ends[1] - before)),
                           static_cast<std::int64_t>(swar::load(ends[0] - before)));
}

// The last `counts` bytes of each lane, 0 to 8.
HWY_INLINE __m256i last_bytes_of_lanes(__m256i counts) {
  const __m256i others = _mm256_sub_epi64(_mm256_set1_epi64x(8), counts);
  return _mm256_sllv_epi64(_mm256_set1_epi8(-1), _mm256_slli_epi64(others, 3));
}

// What numbers of more than sixteen characters have before those.
struct Heads {
  alignas(32) std::uint64_t values[4];
  std::uint32_t points;  // eight bits of each

  // Of up to four characters, the point included.
  HWY_INLINE Heads(const char* const (&ends)[4], const std::size_t (&sizes)[4], bool& bad) {
    __m256i characters = load_words(ends, kMostDigits + 8);
    __m256i counts =
        _mm256_set_epi64x(static_cast<std::int64_t>(sizes[3]), static_cast<std::int64_t>(sizes[2]),
                          static_cast<std::int64_t>(sizes[1]), static_cast<std::int64_t>(sizes[0]));
    const __m256i found = _mm256_and_si256(_mm256_cmpeq_epi8(characters, _mm256_set1_epi8('.')),
                                           last_bytes_of_lanes(counts));
    points = static_cast<std::uint32_t>(_mm256_movemask_epi8(found));
    // The characters before the first point move one place on, over it.
    const __m256i zero = _mm256_setzero_si256();
    const __m256i first_bit = _mm256_and_si256(found, _mm256_sub_epi64(zero, found));
    const __m256i has_none = _mm256_cmpeq_epi64(found, zero);
    const __m256i through_point = _mm256_andnot_si256(
        has_none, _mm256_sub_epi64(_mm256_slli_epi64(first_bit, 8), _mm256_set1_epi64x(1)));
    characters = _mm256_blendv_epi8(characters, _mm256_slli_epi64(characters, 8), through_point);
    counts = _mm256_sub_epi64(counts, _mm256_add_epi64(has_none, _mm256_set1_epi64x(1)));
    const __m256i digits = _mm256_and_si256(_mm256_xor_si256(characters, _mm256_set1_epi8('0')),
                                            last_bytes_of_lanes(counts));
    const __m256i nine = _mm256_set1_epi8(9);
    bad |= _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(digits, nine), nine)) != -1;
    _mm256_store_si256(reinterpret_cast<__m256i*>(values), _mm256_srli_epi64(fours(digits), 32));
  }
};

// As read_four(), where there are up to nineteen digits, or an exponent.
HWY_INLINE bool read_four_long(const FieldBatch& batch, std::int64_t at, double* out) {
  constexpr std::size_t kMostBefore = 4;  // characters before the last sixteen
  const char* begins[4];
  const char* ends[4];
  std::int64_t powers[4] = {};
  bool negatives[4];
  for (int i = 0; i < 4; ++i) {
    const FieldText text = batch.field(at + i);
    negatives[i] = *text.begin == '-';
    begins[i] = text.begin + negatives[i];
    ends[i] = text.end;
  }
  const __m256i last_words = _mm256_or_si256(load_words(ends, 8), _mm256_set1_epi8(0x20));
  const bool any_exponent =
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(last_words, _mm256_set1_epi8('e'))) != 0;
  bool bad = false;
  if (any_exponent) {
    std::uint64_t bad_exponent = 0;
    for (int i = 0; i < 4; ++i) {
      const Exponent exponent = quick_exponent({begins[i], ends[i]}, bad_exponent);
      bad |= exponent.begin == ends[i];
      ends[i] = exponent.begin;
      powers[i] = exponent.power;
    }
    bad |= bad_exponent != 0;
  }

  __m128i tails[4];
  std::size_t head_sizes[4];
  std::size_t points[4];
  bool any_head = false;
  for (int i = 0; i < 4; ++i) {
    const auto size = static_cast<std::size_t>(ends[i] - begins[i]);
    const std::size_t known = std::min(size, kMostDigits);
    const __m128i characters =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(ends[i] - kMostDigits));
    points[i] = point_among(characters, known);
    const bool has_point = points[i] != kNoPoint;
    tails[i] = to_digits(over_point(characters, points[i]), known - has_point);
    powers[i] -= has_point ? static_cast<std::int64_t>(kMostDigits - 1 - points[i]) : 0;
    head_sizes[i] = size - known;
    any_head |= size > kMostDigits;
    // Sixteen digits may be too many for an integer, of which all must be exact.
    const bool is_long_whole = size > kMostDigits - 1 && !has_point && !any_exponent;
    bad |= known - has_point - 1 >= kMostDigits || head_sizes[i] > kMostBefore ||
           (is_long_whole && head_sizes[i] == 0) ||
           (*begins[i] == '0' && size > 1 && begins[i][1] != '.');
  }
  alignas(32) std::uint64_t digits[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(digits),
                     values_of(tails[0], tails[1], tails[2], tails[3], bad));
  if (any_head) {
    const Heads heads(ends, head_sizes, bad);
    for (int i = 0; i < 4; ++i) {
      const std::uint32_t point = (heads.points >> (8 * i)) & 0xFF;
      const bool in_tail = points[i] != kNoPoint;
      const std::size_t count = kMostDigits + head_sizes[i] - (in_tail || point != 0);
      // That many fit 64 bits. As an integer, all must be exact.
      bad |= (in_tail && point != 0) || count > 19 ||
             (head_sizes[i] > 0 && !in_tail && point == 0 && !any_exponent);
      digits[i] += heads.values[i] * (in_tail ? 1'000'000'000'000'000 : 10'000'000'000'000'000);
      powers[i] -= point != 0 ? kMostDigits + 7 - std::countr_zero(point) : 0;
    }
  }
  if (bad) return false;
  for (int i = 0; i < 4; ++i) {
    if (!nearest_double(digits[i], powers[i], negatives[i], out[i])) return false;
  }
  return true;
}

#else

constexpr std::int64_t kAtOnce = 1;
HWY_INLINE bool read_four(const FieldBatch&, std::int64_t, double*) { return false; }
HWY_INLINE bool read_four_long(const FieldBatch&, std::int64_t, double*) { return false; }

#endif

std::int64_t QuickDoubles(const FieldBatch& batch, std::int64_t from, double* out) {
  std::int64_t at = from;
  bool are_long = false;  // numbers of a column are alike
  while (at < batch.size) {
    if (at + kAtOnce <= batch.size) {
      if (!are_long && read_four(batch, at, out + (at - from))) {
        at += kAtOnce;
        continue;
      }
      if (read_four_long(batch, at, out + (at - from))) {
        are_long = true;
        at += kAtOnce;
        continue;
      }
    }
    const std::int64_t end = std::min(at + kAtOnce, batch.size);
    for (; at < end; ++at) {
      if (!quick_double(batch.field(at), out[at - from])) return at - from;
    }
  }
  return at - from;
}

}  // namespace polarway::csv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace polarway::csv {

HWY_EXPORT(QuickDoubles);

std::int64_t quick_doubles(const FieldBatch& batch, std::int64_t from, double* out) {
  return HWY_DYNAMIC_DISPATCH(QuickDoubles)(batch, from, out);
}

}  // namespace polarway::csv
#endif  // HWY_ONCE
