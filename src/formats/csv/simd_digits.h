// Numbers of up to sixteen digits, four at a time, by AVX2. Included once for each SIMD target, so
// it has no ordinary include guard.

#include <array>
#include <cstddef>
#include <cstdint>

#if defined(POLARWAY_CSV_SIMD_DIGITS) == defined(HWY_TARGET_TOGGLE)
#ifdef POLARWAY_CSV_SIMD_DIGITS
#undef POLARWAY_CSV_SIMD_DIGITS
#else
#define POLARWAY_CSV_SIMD_DIGITS
#endif

HWY_BEFORE_NAMESPACE();
namespace polarway::csv::HWY_NAMESPACE {

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2

constexpr std::int64_t kAtOnce = 4;
constexpr std::size_t kMostDigits = 16;

// Sixteen bytes from `count` on: the last `count` of them are set.
alignas(32) constexpr auto kLastBytes = [] {
  std::array<std::uint8_t, 2 * kMostDigits> bytes{};
  for (std::size_t i = kMostDigits; i < bytes.size(); ++i) bytes[i] = 0xFF;
  return bytes;
}();

// Characters to digits: the last `count`, up to sixteen, and zeros before. What is no digit becomes
// more than 9.
HWY_INLINE __m128i to_digits(__m128i characters, std::size_t count) {
  const __m128i mask = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kLastBytes.data() + count));
  return _mm_and_si128(_mm_xor_si128(characters, _mm_set1_epi8('0')), mask);
}

// What each four of them mean.
HWY_INLINE __m256i fours(__m256i digits) {
  const __m256i twos = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(0x010A));
  return _mm256_madd_epi16(twos, _mm256_set1_epi32(0x00010064));
}

// What four times sixteen digits mean. Sets `bad` when one is more than 9.
HWY_INLINE __m256i values_of(__m128i a, __m128i b, __m128i c, __m128i d, bool& bad) {
  const __m256i a_and_c = _mm256_set_m128i(c, a);
  const __m256i b_and_d = _mm256_set_m128i(d, b);
  const __m256i nine = _mm256_set1_epi8(9);
  const __m256i most = _mm256_max_epu8(_mm256_max_epu8(a_and_c, b_and_d), nine);
  bad |= _mm256_movemask_epi8(_mm256_cmpeq_epi8(most, nine)) != -1;
  const __m256i all_fours = _mm256_packus_epi32(fours(a_and_c), fours(b_and_d));
  const __m256i eights = _mm256_madd_epi16(all_fours, _mm256_set1_epi32(0x00012710));
  return _mm256_add_epi64(_mm256_mul_epu32(eights, _mm256_set1_epi64x(100'000'000)),
                          _mm256_srli_epi64(eights, 32));
}

#endif

}  // namespace polarway::csv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggle
