#include "formats/parquet/zstd.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <numeric>
#include <thread>
#include <vector>

namespace polarway::pq {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes compressed(const Bytes& bytes) {
  Bytes out(ZSTD_compressBound(bytes.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
  return out;
}

Bytes numbers(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

TEST(ParquetZstd, FillsThePage) {
  for (const std::size_t size : {1u, 1000u, 1'000'000u}) {
    const Bytes bytes = numbers(size);
    Bytes page(size);
    EXPECT_TRUE(decompress_zstd(compressed(bytes), page));
    EXPECT_EQ(page, bytes);
  }
}

// As every thread has a context of its own, and uses it again after an error.
TEST(ParquetZstd, WhatIsNotAPageOfThatSizeIsRefused) {
  const Bytes bytes = numbers(1000);
  const Bytes good = compressed(bytes);
  Bytes small(999);
  Bytes large(1001);
  Bytes page(1000);
  const auto refuse_and_go_on = [&] {
    EXPECT_FALSE(decompress_zstd(good, small));
    EXPECT_FALSE(decompress_zstd(good, large));
    EXPECT_FALSE(decompress_zstd(std::span(good).first(good.size() - 1), page));
    EXPECT_FALSE(decompress_zstd(numbers(100), page));
    EXPECT_FALSE(decompress_zstd({}, page));
    EXPECT_TRUE(decompress_zstd(good, page));
    EXPECT_EQ(page, bytes);
  };
  refuse_and_go_on();
  std::thread(refuse_and_go_on).join();
}

}  // namespace
}  // namespace polarway::pq
