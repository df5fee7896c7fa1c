#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

/// Eight characters in one 64-bit word, the first one in its lowest byte: arithmetic that works on
/// all of them at once.
namespace polarway::swar {

/// A word with this byte in all places.
constexpr std::uint64_t repeat(std::uint8_t byte) { return 0x0101010101010101U * byte; }

/// The eight characters that begin at `at`.
inline std::uint64_t load(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

/// Characters to digits: what is a digit becomes 0 to 9, what is not becomes more than 9.
inline std::uint64_t to_digits(std::uint64_t characters) { return characters ^ repeat('0'); }

/// Not 0 when a byte is more than 9.
inline std::uint64_t above_nine(std::uint64_t digits) {
  return ((digits + repeat(0x80 - 10)) | digits) & repeat(0x80);
}

/// The lowest bit that is set is that of the first byte that is 0; no bit when none is.
inline std::uint64_t zero_bytes(std::uint64_t word) {
  return (word - repeat(0x01)) & ~word & repeat(0x80);
}

/// The last `count` bytes, 1 to 8; the others are 0 in what is masked with it.
constexpr std::uint64_t last_bytes(std::size_t count) {
  return ~std::uint64_t{0} << (64 - 8 * count);
}

/// Each byte becomes ten times itself and the byte after it, which is what two digits there mean.
inline std::uint64_t pairs(std::uint64_t digits) { return digits * 10 + (digits >> 8); }

/// The byte in place `index`, 0 to 7.
inline std::uint32_t byte_of(std::uint64_t word, int index) {
  return static_cast<std::uint32_t>(word >> (8 * index)) & 0xFF;
}

/// What eight digits mean.
inline std::uint64_t value_of(std::uint64_t digits) {
  digits = pairs(digits) & 0x00FF00FF00FF00FF;
  digits = (digits * 100 + (digits >> 16)) & 0x0000FFFF0000FFFF;
  return (digits * 10'000 + (digits >> 32)) & 0xFFFFFFFF;
}

}  // namespace polarway::swar
