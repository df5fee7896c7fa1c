// Sixty-four bytes as bits of a word: what the scans of the structure share. Included once for each
// SIMD target, so it has no ordinary include guard.

#include <bit>
#include <cstdint>

#if defined(POLARWAY_SIMD_BITS) == defined(HWY_TARGET_TOGGLE)
#ifdef POLARWAY_SIMD_BITS
#undef POLARWAY_SIMD_BITS
#else
#define POLARWAY_SIMD_BITS
#endif

HWY_BEFORE_NAMESPACE();
namespace polarway::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// One bit per byte of the 64 at `text` that equals `wanted`.
template <class D>
HWY_INLINE std::uint64_t equal_mask(D d, const std::uint8_t* text, hn::Vec<D> wanted) {
  std::uint64_t mask = 0;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < 64; i += lanes) {
    std::uint64_t part = 0;
    hn::StoreMaskBits(d, hn::Eq(hn::LoadU(d, text + i), wanted),
                      reinterpret_cast<std::uint8_t*>(&part));
    mask |= part << i;
  }
  return mask;
}

// Bit i of the result is the parity of bits 0..i: which bytes lie after an odd number of quotes.
HWY_INLINE std::uint64_t prefix_xor(std::uint64_t bits) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_SSE4
  const hn::Full128<std::uint64_t> d;
  return hn::GetLane(hn::CLMulLower(hn::Set(d, bits), hn::Set(d, ~std::uint64_t{0})));
#else
  bits ^= bits << 1;
  bits ^= bits << 2;
  bits ^= bits << 4;
  bits ^= bits << 8;
  bits ^= bits << 16;
  bits ^= bits << 32;
  return bits;
#endif
}

// Which bytes are escaped, given which are escapes; an escaped escape is none. `carry` is whether
// the last byte of the 64 before escapes the first of these.
HWY_INLINE std::uint64_t escaped_bits(std::uint64_t escapes, std::uint64_t& carry) {
  constexpr std::uint64_t kEven = 0x5555555555555555;
  escapes &= ~carry;
  const std::uint64_t follows = (escapes << 1) | carry;
  // Of each run of escapes every second one is escaped: adding a run that begins at an odd place to
  // itself carries out behind its end.
  const std::uint64_t odd_starts = escapes & ~kEven & ~follows;
  const std::uint64_t sum = odd_starts + escapes;
  carry = sum < odd_starts ? 1 : 0;
  return (kEven ^ (sum << 1)) & follows;
}

}  // namespace polarway::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggle
