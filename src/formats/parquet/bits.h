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
