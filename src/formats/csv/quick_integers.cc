#include "formats/csv/quick_integers.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/csv/quick_integers.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "formats/csv/simd_digits.h"

HWY_BEFORE_NAMESPACE();
namespace polarway::csv::HWY_NAMESPACE {

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2

HWY_INLINE __m128i digits_of(FieldText text, bool& bad) {
  const char* first = text.begin + (*text.begin == '-');
  const auto count = static_cast<std::size_t>(text.end - first);
  bad |= count - 1 >= kMostDigits || (*first == '0' && count > 1);
  return to_digits(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text.end - kMostDigits)),
                   std::min(count, kMostDigits));
}

HWY_INLINE std::int64_t sign_of(FieldText text) { return *text.begin == '-' ? -1 : 0; }

// False when one of them is not a number of at most sixteen digits.
HWY_INLINE bool read_four(const FieldBatch& batch, std::int64_t at, std::int64_t* out) {
  const FieldText a = batch.field(at);
  const FieldText b = batch.field(at + 1);
  const FieldText c = batch.field(at + 2);
  const FieldText d = batch.field(at + 3);
  bool bad = false;
  __m256i values =
      values_of(digits_of(a, bad), digits_of(b, bad), digits_of(c, bad), digits_of(d, bad), bad);
  if (bad) return false;
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
