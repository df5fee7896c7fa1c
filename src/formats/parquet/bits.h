#pragma once

#include <cstdint>
#include <cstring>

namespace polarway::pq {

/// Eight bytes from anywhere, in the file's order, which is this machine's.
inline std::uint64_t load_word(const std::uint8_t* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

/// Value `index` of bit-packed ones of `width` bits, 0 to 64. Looks at up to 9 bytes from where it
/// begins.
inline std::uint64_t packed_value(const std::uint8_t* packed, std::uint64_t index, int width) {
  const std::uint64_t bit = index * static_cast<std::uint64_t>(width);
  const std::uint8_t* at = packed + (bit >> 3);
  const int shift = static_cast<int>(bit & 7);
  std::uint64_t value = load_word(at) >> shift;
  if (shift + width > 64) value |= std::uint64_t{at[8]} << (64 - shift);
  return width == 64 ? value : value & ((std::uint64_t{1} << width) - 1);
}

/// Bits that writers below may spoil behind those that they write, as bytes that must be there.
inline constexpr std::int64_t kSpoiledBytes = 8;

/// Writes the lowest `count` bits of a word, at most 56, as bits from `at` on.
inline void put_bits(std::uint8_t* bits, std::int64_t at, std::uint64_t word, std::int64_t count) {
  std::uint8_t* to = bits + (at >> 3);
  const auto shift = static_cast<int>(at & 7);
  const std::uint64_t kept = to[0] & ((std::uint64_t{1} << shift) - 1);
  word = kept | ((word & ((std::uint64_t{1} << count) - 1)) << shift);
  std::memcpy(to, &word, sizeof(word));
}

/// Copies bits to bits from `at` on, many at a time; looks at 8 bytes more than there are.
inline void copy_bits(const std::uint8_t* from, std::int64_t from_at, std::int64_t count,
                      std::uint8_t* bits, std::int64_t at) {
  constexpr std::int64_t kAtOnce = 56;
  for (; count > 0; count -= kAtOnce, from_at += kAtOnce, at += kAtOnce) {
    const std::uint64_t word = load_word(from + (from_at >> 3)) >> (from_at & 7);
    put_bits(bits, at, word, count < kAtOnce ? count : kAtOnce);
  }
}

/// Makes bits from `at` on all 1, or all 0.
inline void fill_bits(std::uint8_t* bits, std::int64_t at, std::int64_t count, bool value) {
  constexpr std::int64_t kAtOnce = 56;
  const std::uint64_t word = value ? ~std::uint64_t{0} : 0;
  for (; count > 0; count -= kAtOnce, at += kAtOnce) {
    put_bits(bits, at, word, count < kAtOnce ? count : kAtOnce);
  }
}

/// A varint of up to 10 bytes before `end`. False where there is none.
inline bool read_varint(const std::uint8_t*& at, const std::uint8_t* end, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && at < end; shift += 7) {
    const std::uint8_t byte = *at++;
    value |= std::uint64_t{byte & 0x7Fu} << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

}  // namespace polarway::pq
