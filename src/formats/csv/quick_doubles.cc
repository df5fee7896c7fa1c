#include "formats/csv/quick_doubles.h"

#include <algorithm>
#include <array>
#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/csv/quick_doubles.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "formats/csv/simd_digits.h"

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
    const auto points = static_cast<std::uint32_t>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(characters, _mm_set1_epi8('.'))));
    const std::uint32_t own = (points >> (kMostDigits - known)) << (kMostDigits - known);
    // The bit behind them stands for none.
    const auto point = static_cast<std::size_t>(std::countr_zero(own | 1u << kNoPoint));
    const std::size_t count = known - (point != kNoPoint);
    bad |= size > kMostDigits || count - 1 >= kMostExact ||
           (*first == '0' && size > 1 && first[1] != '.');
    const __m128i places =
        _mm_load_si128(reinterpret_cast<const __m128i*>(kOverPoint[point].data()));
    digits = to_digits(_mm_shuffle_epi8(characters, places), count);
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

#else

constexpr std::int64_t kAtOnce = 1;
HWY_INLINE bool read_four(const FieldBatch&, std::int64_t, double*) { return false; }

#endif

std::int64_t QuickDoubles(const FieldBatch& batch, std::int64_t from, double* out) {
  std::int64_t at = from;
  while (at < batch.size) {
    if (at + kAtOnce <= batch.size && read_four(batch, at, out + (at - from))) {
      at += kAtOnce;
      continue;
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
