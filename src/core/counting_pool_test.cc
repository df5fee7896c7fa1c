#include "core/counting_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

namespace polarway {
namespace {

TEST(CountingPool, CountsWhatIsLiveAndForgetsWhatIsNot) {
  CountingPool pool;
  for (const std::int64_t size : {1, 100, 65'535, 65'536, 1'000'000}) {
    std::uint8_t* data = nullptr;
    ASSERT_TRUE(pool.Allocate(size, 64, &data).ok());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(data) % 64, 0u);
    std::memset(data, 1, static_cast<std::size_t>(size));
    EXPECT_EQ(pool.bytes_allocated(), CountingPool::block_size(size));
    pool.Free(data, size, 64);
    EXPECT_EQ(pool.bytes_allocated(), 0);
  }
  EXPECT_EQ(pool.num_allocations(), 5);
}

TEST(CountingPool, NothingIsAnAddressToo) {
  CountingPool pool;
  std::uint8_t* data = nullptr;
  ASSERT_TRUE(pool.Allocate(0, 64, &data).ok());
  EXPECT_NE(data, nullptr);
  ASSERT_TRUE(pool.Reallocate(0, 100'000, 64, &data).ok());
  data[99'999] = 1;
  ASSERT_TRUE(pool.Reallocate(100'000, 0, 64, &data).ok());
  pool.Free(data, 0, 64);
  EXPECT_EQ(pool.bytes_allocated(), 0);
}

TEST(CountingPool, BlockSizesWasteLittle) {
  for (std::int64_t size = 65'536; size < (std::int64_t{1} << 34); size = size * 9 / 8 + 1) {
    EXPECT_GE(CountingPool::block_size(size), size);
    EXPECT_LE(CountingPool::block_size(size), size + std::max<std::int64_t>(4095, size / 64));
    EXPECT_EQ(CountingPool::block_size(size) % 4096, 0);
  }
}

TEST(CountingPool, KeepsContentsWhenBlocksGrowAndShrink) {
  CountingPool pool;
  std::uint8_t* data = nullptr;
  std::int64_t size = 10;
  ASSERT_TRUE(pool.Allocate(size, 64, &data).ok());
  std::memcpy(data, "0123456789", 10);
  for (const std::int64_t next : {1000, 70'000, 1'000'000, 80'000'000, 200'000, 5'000, 10}) {
    ASSERT_TRUE(pool.Reallocate(size, next, 64, &data).ok());
    size = next;
    EXPECT_EQ(std::memcmp(data, "0123456789", 10), 0) << next;
    EXPECT_EQ(pool.bytes_allocated(), CountingPool::block_size(size));
  }
  pool.Free(data, size, 64);
}

TEST(CountingPool, ReusesBlocksUntilTheCeiling) {
  CountingPool pool;
  std::uint8_t* first = nullptr;
  ASSERT_TRUE(pool.Allocate(1 << 20, 64, &first).ok());
  pool.Free(first, 1 << 20, 64);
  EXPECT_EQ(pool.bytes_kept(), 1 << 20);
  std::uint8_t* again = nullptr;
  ASSERT_TRUE(pool.Allocate((1 << 20) - 5, 64, &again).ok());
  EXPECT_EQ(again, first);
  EXPECT_EQ(pool.bytes_kept(), 0);
  pool.Free(again, (1 << 20) - 5, 64);

  pool.set_ceiling(4 << 20);
  EXPECT_EQ(pool.bytes_kept(), 1 << 20);
  std::uint8_t* larger = nullptr;
  ASSERT_TRUE(pool.Allocate(7 << 19, 64, &larger).ok());
  EXPECT_EQ(pool.bytes_kept(), 0);  // made room for it
  pool.Free(larger, 7 << 19, 64);
  EXPECT_EQ(pool.bytes_kept(), 0);  // more than a quarter of the ceiling
  pool.set_ceiling(64 << 20);
  ASSERT_TRUE(pool.Allocate(1 << 20, 64, &larger).ok());
  pool.Free(larger, 1 << 20, 64);
  EXPECT_EQ(pool.bytes_kept(), 1 << 20);
  pool.ReleaseUnused();
  EXPECT_EQ(pool.bytes_kept(), 0);
}

TEST(CountingPool, BlocksThatGrowAndShrinkBecomeKeptOnesAndAreKeptThemselves) {
  CountingPool pool;
  constexpr std::int64_t kSmall = 64 << 10;
  constexpr std::int64_t kLarge = 256 << 10;
  std::uint8_t* kept = nullptr;
  ASSERT_TRUE(pool.Allocate(kLarge, 64, &kept).ok());
  pool.Free(kept, kLarge, 64);
  std::uint8_t* data = nullptr;
  ASSERT_TRUE(pool.Allocate(kSmall, 64, &data).ok());
  std::uint8_t* const small = data;
  std::memset(data, 7, kSmall);

  ASSERT_TRUE(pool.Reallocate(kSmall, kLarge, 64, &data).ok());
  EXPECT_EQ(data, kept);
  EXPECT_EQ(data[kSmall - 1], 7);
  EXPECT_EQ(pool.bytes_allocated(), kLarge);
  EXPECT_EQ(pool.bytes_kept(), kSmall);

  ASSERT_TRUE(pool.Reallocate(kLarge, kSmall, 64, &data).ok());
  EXPECT_EQ(data, small);
  EXPECT_EQ(data[kSmall - 1], 7);
  EXPECT_EQ(pool.bytes_allocated(), kSmall);
  EXPECT_EQ(pool.bytes_kept(), kLarge);
  pool.Free(data, kSmall, 64);
}

TEST(CountingPool, ABlockThatShrinksALittleGivesItsEndBack) {
  CountingPool pool;
  constexpr std::int64_t kSize = 1 << 20;
  constexpr std::int64_t kLess = kSize - kSize / 16;
  std::uint8_t* data = nullptr;
  ASSERT_TRUE(pool.Allocate(kSize, 64, &data).ok());
  std::memset(data, 7, kSize);
  ASSERT_TRUE(pool.Reallocate(kSize, kLess, 64, &data).ok());
  EXPECT_EQ(data[kLess - 1], 7);
  EXPECT_EQ(pool.bytes_allocated(), kLess);
  EXPECT_EQ(pool.bytes_kept(), 0);
  pool.Free(data, kLess, 64);
}

TEST(CountingPool, AKeptBlockServesRequestsOfAboutItsSize) {
  CountingPool pool;
  constexpr std::int64_t kSize = 1 << 20;
  for (const std::int64_t wanted : {kSize + kSize / 10, kSize - kSize / 10}) {
    std::uint8_t* data = nullptr;
    ASSERT_TRUE(pool.Allocate(kSize, 64, &data).ok());
    pool.Free(data, kSize, 64);
    ASSERT_TRUE(pool.Allocate(wanted, 64, &data).ok());
    EXPECT_EQ(pool.bytes_kept(), 0);
    EXPECT_EQ(pool.bytes_allocated(), CountingPool::block_size(wanted));
    std::memset(data, 1, static_cast<std::size_t>(CountingPool::block_size(wanted)));
    pool.Free(data, wanted, 64);
    pool.ReleaseUnused();
  }
  std::uint8_t* data = nullptr;
  ASSERT_TRUE(pool.Allocate(kSize, 64, &data).ok());
  pool.Free(data, kSize, 64);
  ASSERT_TRUE(pool.Allocate(kSize / 2, 64, &data).ok());
  EXPECT_EQ(pool.bytes_kept(), kSize);  // a small one would waste it
  pool.Free(data, kSize / 2, 64);
}

TEST(CountingPool, AKeptBlockDoesNotGrowPastTheCeiling) {
  CountingPool pool;
  constexpr std::int64_t kSize = 1 << 20;
  pool.set_ceiling(9 * kSize);
  std::uint8_t* live = nullptr;
  ASSERT_TRUE(pool.Allocate(8 * kSize, 64, &live).ok());
  std::uint8_t* data = nullptr;
  ASSERT_TRUE(pool.Allocate(kSize, 64, &data).ok());
  pool.Free(data, kSize, 64);
  ASSERT_EQ(pool.bytes_kept(), kSize);
  ASSERT_TRUE(pool.Allocate(kSize + kSize / 16, 64, &data).ok());
  EXPECT_EQ(pool.bytes_kept(), 0);  // given back before, not grown
  pool.Free(data, kSize + kSize / 16, 64);
  pool.Free(live, 8 * kSize, 64);
}

TEST(CountingPool, ServesManyThreads) {
  CountingPool pool;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&pool, t] {
      for (int i = 0; i < 500; ++i) {
        const std::int64_t size = 60'000 + (i * 7919 + t) % 100'000;
        std::uint8_t* data = nullptr;
        ASSERT_TRUE(pool.Allocate(size, 64, &data).ok());
        data[size - 1] = 1;
        pool.Free(data, size, 64);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(pool.bytes_allocated(), 0);
}

TEST(CountingPool, GivesBackWhatNobodyAskedForInAWhile) {
  CountingPool pool;
  std::uint8_t* often = nullptr;
  std::uint8_t* once = nullptr;
  ASSERT_TRUE(pool.Allocate(1 << 20, 64, &often).ok());
  ASSERT_TRUE(pool.Allocate(2 << 20, 64, &once).ok());
  pool.Free(often, 1 << 20, 64);
  pool.Free(once, 2 << 20, 64);
  for (std::int64_t age = 0; age < 2 * CountingPool::kAges; ++age) {
    ASSERT_TRUE(pool.Allocate(1 << 20, 64, &often).ok());
    pool.Free(often, 1 << 20, 64);
    pool.age();
  }
  EXPECT_EQ(pool.bytes_kept(), 1 << 20);
  for (std::int64_t age = 0; age < CountingPool::kAges; ++age) pool.age();
  EXPECT_EQ(pool.bytes_kept(), 0);
}

}  // namespace
}  // namespace polarway
