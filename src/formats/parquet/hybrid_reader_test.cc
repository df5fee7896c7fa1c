#include "formats/parquet/hybrid_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "formats/parquet/bits.h"

namespace polarway::pq {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Values = std::vector<std::uint32_t>;

std::span<const std::uint8_t> padded(Bytes& bytes) {
  const std::size_t size = bytes.size();
  bytes.resize(size + 16);
  return {bytes.data(), size};
}

// A packed run of values, whose number is a multiple of eight.
void append_packed(Bytes& bytes, const Values& values, int width) {
  bytes.push_back(static_cast<std::uint8_t>((values.size() / 8) << 1 | 1));
  const std::size_t begin = bytes.size();
  bytes.resize(begin + values.size() * static_cast<std::size_t>(width) / 8);
  for (std::size_t i = 0; i < values.size() * static_cast<std::size_t>(width); ++i) {
    const auto one = static_cast<std::size_t>(width);
    if ((values[i / one] >> (i % one) & 1) != 0) {
      bytes[begin + i / 8] = static_cast<std::uint8_t>(bytes[begin + i / 8] | 1 << (i % 8));
    }
  }
}

void append_run(Bytes& bytes, std::uint8_t count, std::uint32_t value, int width) {
  bytes.push_back(static_cast<std::uint8_t>(count << 1));
  for (int i = 0; i < (width + 7) / 8; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

TEST(HybridReader, ReadsRunsAndPackedValuesOfEveryWidthInPiecesOfAnySize) {
  std::mt19937 random(1);
  for (int width = 1; width <= 32; ++width) {
    const std::uint32_t mask = width == 32 ? UINT32_MAX : (std::uint32_t{1} << width) - 1;
    Values packed(24);
    for (std::uint32_t& value : packed) value = static_cast<std::uint32_t>(random()) & mask;
    Bytes bytes;
    append_packed(bytes, packed, width);
    append_run(bytes, 5, mask, width);
    append_packed(bytes, packed, width);
    Values expected = packed;
    expected.insert(expected.end(), 5, mask);
    expected.insert(expected.end(), packed.begin(), packed.end());
    const auto span = padded(bytes);
    for (const std::int64_t piece : {1, 3, 8, 53}) {
      HybridReader reader(span, width);
      Values read(expected.size());
      for (std::int64_t at = 0; at < 53; at += piece) {
        ASSERT_TRUE(reader.read(read.data() + at, std::min<std::int64_t>(piece, 53 - at)));
      }
      EXPECT_EQ(read, expected) << width << ' ' << piece;
      EXPECT_FALSE(reader.read(read.data(), 1));
    }
  }
}

TEST(HybridReader, ReadsBitsAsItReadsValues) {
  Bytes bytes;
  append_run(bytes, 3, 1, 1);
  append_packed(bytes, {1, 0, 1, 1, 0, 0, 0, 1}, 1);
  append_run(bytes, 5, 0, 1);
  const auto span = padded(bytes);
  HybridReader reader(span, 1);
  std::uint8_t bits[3 + kSpoiledBytes] = {0xFF, 0xFF, 0xFF};
  ASSERT_TRUE(reader.read_bits(bits, 2, 6));
  ASSERT_TRUE(reader.read_bits(bits, 8, 10));
  EXPECT_EQ(bits[0], 0b01'111'11 | 0b1000'0000);
  EXPECT_EQ(bits[1], 0b0001'0001 & 0b0001'0001);
  EXPECT_FALSE(reader.read_bits(bits, 0, 1));
}

TEST(HybridReader, RefusesAValueOfMoreBitsThanItsWidth) {
  Bytes bytes;
  append_run(bytes, 3, 9, 3);
  std::uint32_t value = 0;
  EXPECT_FALSE(HybridReader(padded(bytes), 3).read(&value, 1));
}

TEST(HybridReader, EndsWhereBytesAreMissing) {
  Bytes bytes;
  append_packed(bytes, Values(64, 5), 3);
  bytes.resize(4);  // of 24 bytes, three: eight values
  Values read(64);
  const auto span = padded(bytes);
  EXPECT_TRUE(HybridReader(span, 3).read(read.data(), 8));
  EXPECT_FALSE(HybridReader(span, 3).read(read.data(), 9));
}

TEST(HybridReader, OfWidthZeroAllAreZero) {
  Values read(3, 7);
  EXPECT_TRUE(HybridReader({}, 0).read(read.data(), 3));
  EXPECT_EQ(read, Values(3, 0));
}

}  // namespace
}  // namespace polarway::pq
