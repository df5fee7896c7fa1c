#include "formats/csv/quick_integers.h"

#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/csv/quick_integers.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

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

// Two numbers' digits, the last ones last, without their signs. Sets `bad` if that cannot be.
class DigitPair {
 public:
  HWY_INLINE DigitPair(FieldText low, FieldText high, bool& bad)
      : digits_(_mm256_set_m128i(digits_of(high, bad), digits_of(low, bad))) {}

  // Each byte is to be at most 9.
  HWY_INLINE __m256i digits() const { return digits_; }
  // What each four digits mean.
  HWY_INLINE __m256i fours() const {
    const __m256i twos = _mm256_maddubs_epi16(digits_, _mm256_set1_epi16(0x010A));
    return _mm256_madd_epi16(twos, _mm256_set1_epi32(0x00010064));
  }

 private:
  static HWY_INLINE __m128i digits_of(FieldText text, bool& bad) {
    const char* first = text.begin + (*text.begin == '-');
    const auto count = static_cast<std::size_t>(text.end - first);
    bad |= count - 1 >= kMostDigits || (*first == '0' && count > 1);
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.end - kMostDigits));
    const __m128i mask = _mm_loadu_si128(
        reinterpret_cast<const __m128i*>(kLastBytes.data() + std::min(count, kMostDigits)));
    return _mm_and_si128(_mm_xor_si128(bytes, _mm_set1_epi8('0')), mask);
  }

  __m256i digits_;
};

HWY_INLINE std::int64_t sign_of(FieldText text) { return *text.begin == '-' ? -1 : 0; }

// False when one of them is not a number of at most sixteen digits.
HWY_INLINE bool read_four(const FieldBatch& batch, std::int64_t at, std::int64_t* out) {
  const FieldText a = batch.field(at);
  const FieldText b = batch.field(at + 1);
  const FieldText c = batch.field(at + 2);
  const FieldText d = batch.field(at + 3);
  bool bad = false;
  const DigitPair first(a, c, bad);
  const DigitPair second(b, d, bad);
  const __m256i most = _mm256_max_epu8(first.digits(), second.digits());
  const __m256i nine = _mm256_set1_epi8(9);
  bad |= _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(most, nine), nine)) != -1;
  if (bad) return false;
  const __m256i fours = _mm256_packus_epi32(first.fours(), second.fours());
  const __m256i eights = _mm256_madd_epi16(fours, _mm256_set1_epi32(0x00012710));
  __m256i values = _mm256_add_epi64(_mm256_mul_epu32(eights, _mm256_set1_epi64x(100'000'000)),
                                    _mm256_srli_epi64(eights, 32));
  if ((sign_of(a) | sign_of(b) | sign_of(c) | sign_of(d)) != 0) {
    const __m256i negative = _mm256_set_epi64x(sign_of(d), sign_of(c), sign_of(b), sign_of(a));
    values = _mm256_sub_epi64(_mm256_xor_si256(values, negative), negative);
  }
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), values);
  return true;
}

#else

constexpr std::int64_t kAtOnce = 1;
HWY_INLINE bool read_four(const FieldBatch&, std::int64_t, std::int64_t*) { return false; }

#endif

std::int64_t QuickInt64s(const FieldBatch& batch, std::int64_t from, std::int64_t* out) {
  std::int64_t at = from;
  while (at < batch.size) {
    if (at + kAtOnce <= batch.size && read_four(batch, at, out + (at - from))) {
      at += kAtOnce;
      continue;
    }
    const std::int64_t end = std::min(at + kAtOnce, batch.size);
    for (; at < end; ++at) {
      if (!quick_int64(batch.field(at), out[at - from])) return at - from;
    }
  }
  return at - from;
}

}  // namespace polarway::csv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace polarway::csv {

HWY_EXPORT(QuickInt64s);

std::int64_t quick_int64s(const FieldBatch& batch, std::int64_t from, std::int64_t* out) {
  return HWY_DYNAMIC_DISPATCH(QuickInt64s)(batch, from, out);
}

}  // namespace polarway::csv
#endif  // HWY_ONCE
