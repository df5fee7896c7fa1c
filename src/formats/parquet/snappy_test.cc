#include "formats/parquet/snappy.h"

#include <arrow/util/compression.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace polarway::pq {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes packed(const Bytes& bytes) {
  const auto codec = arrow::util::Codec::Create(arrow::Compression::SNAPPY).ValueOrDie();
  const auto size = static_cast<std::int64_t>(bytes.size());
  Bytes out(static_cast<std::size_t>(codec->MaxCompressedLen(size, bytes.data())));
  const auto room = static_cast<std::int64_t>(out.size());
  out.resize(
      static_cast<std::size_t>(codec->Compress(size, bytes.data(), room, out.data()).ValueOrDie()));
  return out;
}

// Of few letters, in runs and repetitions, near and far.
Bytes text(std::mt19937& random, std::size_t size) {
  Bytes bytes;
  while (bytes.size() < size) {
    const std::size_t length = 1 + random() % 90;
    const bool repeats = !bytes.empty() && random() % 3 != 0;
    const std::size_t back =
        repeats ? 1 + random() % std::min<std::size_t>(bytes.size(), 70'000) : 0;
    for (std::size_t i = 0; i < length; ++i) {
      bytes.push_back(repeats ? bytes[bytes.size() - back]
                              : static_cast<std::uint8_t>('a' + random() % 7));
    }
  }
  bytes.resize(size);
  return bytes;
}

TEST(Snappy, GivesBackWhatWasCompressed) {
  std::mt19937 random(3);
  for (const std::size_t size : {0, 1, 5, 59, 60, 61, 63, 64, 65, 100, 1000, 70'000, 300'000}) {
    for (int round = 0; round < 20; ++round) {
      const Bytes bytes = text(random, size);
      Bytes out(size);
      ASSERT_TRUE(decompress_snappy(packed(bytes), out)) << size;
      EXPECT_EQ(out, bytes);
    }
  }
}

TEST(Snappy, KnowsEveryTag) {
  // "abcd", copied by each kind of copy, and literals whose length takes one to four bytes.
  Bytes in{30, 3 << 2, 'a', 'b', 'c', 'd', 1, 4, (3 << 2) | 2, 4, 0, (3 << 2) | 3, 4, 0, 0, 0};
  for (std::uint8_t more = 1; more <= 4; ++more) {
    in.push_back(static_cast<std::uint8_t>((59 + more) << 2));
    in.push_back(1);
    in.insert(in.end(), more - 1, 0);
    in.insert(in.end(), {'x', 'y'});
  }
  in.insert(in.end(), {(5 << 2) | 2, 1, 0});  // a run of the last byte
  Bytes out(30);
  ASSERT_TRUE(decompress_snappy(in, out));
  EXPECT_EQ(std::string(out.begin(), out.end()), "abcdabcdabcdabcdxyxyxyxyyyyyyy");
}

TEST(Snappy, AnythingElseIsRefused) {
  std::mt19937 random(4);
  const Bytes bytes = text(random, 3000);
  const Bytes good = packed(bytes);
  for (std::size_t size = 0; size < good.size(); ++size) {
    Bytes out(bytes.size());
    EXPECT_FALSE(
        decompress_snappy(Bytes(good.begin(), good.begin() + static_cast<long>(size)), out));
  }
  Bytes longer(bytes.size() + 1);
  EXPECT_FALSE(decompress_snappy(good, longer));
  Bytes out(4);
  EXPECT_FALSE(decompress_snappy(Bytes{4, 1, 1}, out)) << "a copy of nothing";
  EXPECT_FALSE(decompress_snappy(Bytes{4, 0, 'a', 1, 0}, out)) << "from nowhere";
  EXPECT_FALSE(decompress_snappy(Bytes{4, 0, 'a', 1, 2}, out)) << "from before the beginning";
  EXPECT_FALSE(decompress_snappy(Bytes{4, 63 << 2, 255, 255, 255, 255}, out));
  EXPECT_FALSE(decompress_snappy(Bytes{4, 4 << 2, 'a', 'b', 'c', 'd', 'e'}, out));
}

// Whatever the bytes are: the sanitizers look on.
TEST(Snappy, NoDamageLeadsAstray) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    const Bytes bytes = text(random, 1 + random() % 2000);
    Bytes in = packed(bytes);
    for (int i = 0; i < 3; ++i) in[random() % in.size()] = static_cast<std::uint8_t>(random());
    Bytes out(bytes.size());
    const bool is_whole = decompress_snappy(in, out);
    EXPECT_TRUE(is_whole || in != packed(bytes));
  }
}

}  // namespace
}  // namespace polarway::pq
