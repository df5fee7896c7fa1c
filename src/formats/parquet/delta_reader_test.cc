#include "formats/parquet/delta_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace polarway::pq {
namespace {

using Bytes = std::vector<std::uint8_t>;

// A block of 8 values in one miniblock: the first value, a least difference, a width, the rest.
Bytes eight(const Bytes& block) {
  Bytes bytes = {8, 1, 9, 20};  // nine values; the first is 10, in zigzag
  for (const std::uint8_t byte : block) bytes.push_back(byte);
  bytes.resize(bytes.size() + 16);
  return bytes;
}

TEST(DeltaReader, AddsUpDifferencesInPiecesOfAnySize) {
  // Least difference -1 (zigzag 1), 2 bits each: 0 1 2 3 0 1 2 3.
  const Bytes bytes = eight({1, 2, 0b11'10'01'00, 0b11'10'01'00, 99});
  const std::vector<std::int32_t> expected = {10, 9, 9, 10, 12, 11, 11, 12, 14};
  for (std::int64_t piece = 1; piece <= 9; ++piece) {
    DeltaReader reader;
    ASSERT_TRUE(reader.start({bytes.data(), bytes.size() - 16}));
    EXPECT_EQ(reader.num_values(), 9);
    std::span<const std::uint8_t> behind;
    ASSERT_TRUE(reader.find_end(behind));
    EXPECT_EQ(behind.size(), 1U);
    EXPECT_EQ(behind[0], 99);
    std::vector<std::int32_t> read(9);
    for (std::int64_t at = 0; at < 9; at += piece) {
      ASSERT_TRUE(reader.read(read.data() + at, std::min<std::int64_t>(piece, 9 - at)));
    }
    EXPECT_EQ(read, expected);
    EXPECT_FALSE(reader.read(read.data(), 1));
  }
}

TEST(DeltaReader, SumsWrapAroundAsWritersHaveThemDo) {
  // The largest int64, and then one more, seven times.
  Bytes bytes = {8, 1, 3, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 2, 0};
  bytes.resize(bytes.size() + 16);
  DeltaReader reader;
  ASSERT_TRUE(reader.start({bytes.data(), bytes.size() - 16}));
  std::vector<std::int64_t> read(3);
  ASSERT_TRUE(reader.read(read.data(), 3));
  EXPECT_EQ(read, (std::vector<std::int64_t>{INT64_MAX, INT64_MIN, INT64_MIN + 1}));
}

TEST(DeltaReader, RefusesBytesThatCannotBeIt) {
  const auto starts = [](Bytes bytes) {
    const std::size_t size = bytes.size();
    bytes.resize(size + 16);
    return DeltaReader().start({bytes.data(), size});
  };
  EXPECT_FALSE(starts({}));
  EXPECT_FALSE(starts({8, 0, 9, 20}));   // no miniblocks
  EXPECT_FALSE(starts({8, 3, 9, 20}));   // not a whole number of values in each
  EXPECT_FALSE(starts({12, 1, 9, 20}));  // that end within a byte
  EXPECT_TRUE(starts({8, 1, 9, 20}));
}

TEST(DeltaReader, EndsWhereBytesAreMissing) {
  const Bytes whole = eight({1, 8, 0, 0, 0, 0, 0, 0, 0, 0});
  DeltaReader reader;
  ASSERT_TRUE(reader.start({whole.data(), whole.size() - 17}));
  std::vector<std::int32_t> read(9);
  EXPECT_FALSE(reader.read(read.data(), 9));
  DeltaReader wide;
  const Bytes too_wide = eight({1, 65, 0, 0, 0, 0, 0, 0, 0, 0});
  ASSERT_TRUE(wide.start({too_wide.data(), too_wide.size() - 16}));
  EXPECT_FALSE(wide.read(read.data(), 9));
}

}  // namespace
}  // namespace polarway::pq
