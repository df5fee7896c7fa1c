// Opening, reading and closing again and again leaves nothing behind (fault M12).

#include <arrow/memory_pool.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <vector>

#include "core/memory_probe.h"
#include "polarway/registry.h"
#include "support/temporary_folder.h"

#ifndef __has_feature  // Clang's way to tell what GCC tells by macros
#define __has_feature(feature) 0
#endif

namespace polarway {
namespace {

using ::polarway::testing::TemporaryFolder;
using ::polarway::testing::write_text;

constexpr int kRows = 2'000;

Result<std::int64_t> open_read_close(const std::string& path) {
  POLARWAY_TRY(StreamingSource source,
               SourceRegistry().create("csv", SourceConfig(path)
                                                  .with_memory_limit("32MB")
                                                  .with_filter(col("n") >= lit(10))
                                                  .with_chunk_size(300)));
  std::int64_t rows = 0;
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) return fail(chunk.error());
    rows += chunk->height();
  }
  source.close();
  return rows;
}

TEST(OpenAndClose, AThousandTimesLeavesTheProcessAsLargeAsItWas) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    __has_feature(address_sanitizer)
  GTEST_SKIP() << "a sanitizer's own memory grows";
#endif
  constexpr int kTimes = 1'000;
  constexpr int kTimesPerSample = 50;
  const TemporaryFolder folder;
  std::string text = "n,text\n";
  for (int i = 0; i < kRows; ++i) text += std::to_string(i) + ",some text\n";
  write_text(folder / "numbers.csv", text);
  const auto run = [&](int times) {
    for (int i = 0; i < times; ++i) {
      const Result<std::int64_t> rows = open_read_close(folder / "numbers.csv");
      ASSERT_TRUE(rows) << rows.error().to_string();
      ASSERT_EQ(*rows, kRows - 10);
    }
  };
  const auto size_now = [] {
    ::malloc_trim(0);
    return MemoryProbe().process_memory().anonymous_bytes;
  };
  run(100);  // threads, tables and arenas that are made once
  const std::int64_t before = size_now();
  std::vector<std::int64_t> sizes;
  for (int done = 0; done < kTimes; done += kTimesPerSample) {
    run(kTimesPerSample);
    sizes.push_back(size_now());
  }
  EXPECT_LE(sizes.back(), before + std::max<std::int64_t>(before / 20, 1 << 20));
  // No trend: the second half is as small as the first. A leak of 1 KB each time would show.
  const auto middle = sizes.begin() + std::ssize(sizes) / 2;
  const std::int64_t first_half = *std::min_element(sizes.begin(), middle);
  const std::int64_t second_half = *std::min_element(middle, sizes.end());
  EXPECT_LE(second_half, first_half + (256 << 10));
}

}  // namespace
}  // namespace polarway
