#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include "support/drain.h"
#include "support/memory_stream.h"
#include "transports/decompressed_stream.h"

namespace polarway {
namespace {

using ::testing::HasSubstr;

std::string with_window(int window_log, const std::string& text) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string out(1 << 16, '\0');
  ZSTD_outBuffer to{.dst = out.data(), .size = out.size(), .pos = 0};
  ZSTD_inBuffer from{.src = text.data(), .size = text.size(), .pos = 0};
  ZSTD_compressStream2(context, &to, &from, ZSTD_e_flush);  // so that the size is not known
  ZSTD_compressStream2(context, &to, &from, ZSTD_e_end);
  ZSTD_freeCCtx(context);
  out.resize(to.pos);
  return out;
}

testing::Drained unpacked(const std::string& bytes, std::int64_t limit) {
  auto stream = *decompress(std::make_unique<testing::MemoryStream>(bytes),
                            format_of(Compression::Zstd), 1000, MemoryBudget::make(limit));
  return testing::drain(*stream);
}

TEST(ZstdCodec, RefusesAWindowThatTheBudgetHasNoRoomFor) {
  const std::string bytes = with_window(27, "a,b\n1,2\n");
  const testing::Drained refused = unpacked(bytes, 64 << 20);
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->kind, ErrorKind::MemoryLimit);
  EXPECT_THAT(refused.message(), HasSubstr("134.2 MB"));
  EXPECT_EQ(unpacked(bytes, 256 << 20).bytes, "a,b\n1,2\n");
}

TEST(ZstdCodec, RefusesTheLargestWindowThereIs) {
  // No compressor makes these without the data: a frame of no content size, and its window.
  std::string bytes = with_window(20, "a,b\n1,2\n");
  bytes[5] = static_cast<char>((31 - 10) << 3);
  EXPECT_EQ(unpacked(bytes, 64 << 20).error->kind, ErrorKind::MemoryLimit);
  bytes[5] = static_cast<char>(31 << 3);
  EXPECT_EQ(unpacked(bytes, 64 << 20).error->kind, ErrorKind::Parse);
}

TEST(ZstdCodec, NamesTheDictionaryThatAFrameNeeds) {
  std::string bytes = with_window(20, "a,b\n1,2\n");
  bytes[4] = static_cast<char>(bytes[4] | 1);  // a dictionary id of one byte,
  bytes.insert(6, "*");                        // behind the window
  const testing::Drained refused = unpacked(bytes, 64 << 20);
  EXPECT_THAT(refused.message(), HasSubstr("dictionary 42"));
}

}  // namespace
}  // namespace polarway
