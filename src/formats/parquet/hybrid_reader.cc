#include "formats/parquet/hybrid_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "formats/parquet/bits.h"

namespace polarway::pq {
namespace {

// Eight values of a width that the compiler knows.
template <int kWidth>
void unpack_eight(const std::uint8_t* in, std::uint32_t* out) {
  constexpr std::uint64_t kMask = (std::uint64_t{1} << kWidth) - 1;
  for (int i = 0; i < 8; ++i) {
    const int bit = i * kWidth;
    out[i] = static_cast<std::uint32_t>((load_word(in + (bit >> 3)) >> (bit & 7)) & kMask);
  }
}

template <int kWidth>
void unpack_groups(const std::uint8_t* in, std::uint32_t* out, std::int64_t num_groups) {
  for (; num_groups > 0; --num_groups, in += kWidth, out += 8) unpack_eight<kWidth>(in, out);
}

using UnpackGroups = void (*)(const std::uint8_t*, std::uint32_t*, std::int64_t);

template <int... kWidths>
constexpr std::array<UnpackGroups, sizeof...(kWidths)> unpackers(
    std::integer_sequence<int, kWidths...>) {
  return {unpack_groups<kWidths>...};
}

constexpr auto kUnpackers = unpackers(std::make_integer_sequence<int, 33>());

}  // namespace

HybridReader::HybridReader(std::span<const std::uint8_t> bytes, int bit_width)
    : next_(bytes.data()), end_(bytes.data() + bytes.size()), bit_width_(bit_width) {
  if (bit_width == 0) left_ = INT64_MAX;
}

bool HybridReader::next_run() {
  std::uint64_t header = 0;
  if (!read_varint(next_, end_, header)) return false;
  const auto left_bytes = static_cast<std::uint64_t>(end_ - next_);
  is_packed_ = (header & 1) != 0;
  if (is_packed_) {
    // Of the last group, some writers leave out what nobody reads.
    const std::uint64_t there = left_bytes * 8 / static_cast<std::uint64_t>(bit_width_);
    const std::uint64_t said = std::min<std::uint64_t>(header >> 1, left_bytes) * 8;
    left_ = static_cast<std::int64_t>(std::min(said, there));
    packed_ = next_;
    packed_at_ = 0;
    next_ += std::min((header >> 1) > left_bytes
                          ? left_bytes
                          : (header >> 1) * static_cast<std::uint64_t>(bit_width_),
                      left_bytes);
    return true;
  }
  const int num_bytes = (bit_width_ + 7) / 8;
  if (left_bytes < static_cast<std::uint64_t>(num_bytes)) return false;
  value_ = 0;
  for (int i = 0; i < num_bytes; ++i) value_ |= std::uint32_t{*next_++} << (8 * i);
  left_ = static_cast<std::int64_t>(std::min<std::uint64_t>(header >> 1, INT64_MAX));
  return bit_width_ == 32 || (value_ >> bit_width_) == 0;
}

void HybridReader::unpack(std::uint32_t* out, std::int64_t count) {
  const auto one = [&] {
    *out++ = static_cast<std::uint32_t>(
        packed_value(packed_, static_cast<std::uint64_t>(packed_at_++), bit_width_));
    --count;
  };
  while (count > 0 && (packed_at_ & 7) != 0) one();
  const std::int64_t num_groups = count / 8;
  kUnpackers[static_cast<std::size_t>(bit_width_)](packed_ + packed_at_ / 8 * bit_width_, out,
                                                   num_groups);
  out += num_groups * 8;
  packed_at_ += num_groups * 8;
  count -= num_groups * 8;
  while (count > 0) one();
}

bool HybridReader::read(std::uint32_t* out, std::int64_t count) {
  while (count > 0) {
    if (left_ == 0) {
      if (!next_run()) return false;
      continue;
    }
    const std::int64_t part = std::min(count, left_);
    if (is_packed_) {
      unpack(out, part);
    } else {
      std::fill_n(out, part, value_);
    }
    out += part;
    left_ -= part;
    count -= part;
  }
  return true;
}

bool HybridReader::read_bits(std::uint8_t* bits, std::int64_t at, std::int64_t count) {
  while (count > 0) {
    if (left_ == 0) {
      if (!next_run()) return false;
      continue;
    }
    const std::int64_t part = std::min(count, left_);
    if (is_packed_) {
      copy_bits(packed_, packed_at_, part, bits, at);
      packed_at_ += part;
    } else {
      fill_bits(bits, at, part, value_ != 0);
    }
    at += part;
    left_ -= part;
    count -= part;
  }
  return true;
}

}  // namespace polarway::pq
