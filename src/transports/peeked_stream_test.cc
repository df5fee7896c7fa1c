#include "transports/peeked_stream.h"

#include <gtest/gtest.h>

#include "support/drain.h"
#include "support/memory_stream.h"

namespace polarway {
namespace {

using testing::drain;
using testing::MemoryStream;

std::unique_ptr<PeekedStream> peek(const std::string& bytes, std::size_t cut, bool can_seek) {
  return *PeekedStream::open(std::make_unique<MemoryStream>(bytes, cut, can_seek), {});
}

TEST(PeekedStream, GivesTheBytesThatWereLookedAtToo) {
  for (const std::size_t size : {0, 1, 63, 64, 65, 500}) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i);
    for (const std::size_t cut : {1, 7, 1000}) {
      for (const std::size_t block : {1, 3, 1000}) {
        auto peeked = peek(bytes, cut, false);
        EXPECT_EQ(peeked->first_bytes().size(), std::min<std::size_t>(size, 64));
        EXPECT_EQ(drain(*peeked, block).bytes, bytes);
        EXPECT_EQ(peeked->bytes_read(), static_cast<std::int64_t>(size));
      }
    }
  }
}

TEST(PeekedStream, GoesWhereItIsTold) {
  auto peeked = peek("0123456789", 4, true);
  ASSERT_TRUE(peeked->seek(7));
  EXPECT_EQ(drain(*peeked).bytes, "789");
  ASSERT_TRUE(peeked->seek(0));
  EXPECT_EQ(drain(*peeked).bytes, "0123456789");
}

TEST(PeekedStream, GivesWayToTheStreamWhereThatCanGoBack) {
  auto file = *PeekedStream::unwrap(peek("0123456789", 4, true));
  EXPECT_EQ(dynamic_cast<PeekedStream*>(file.get()), nullptr);
  EXPECT_EQ(drain(*file).bytes, "0123456789");
  auto pipe = *PeekedStream::unwrap(peek("0123456789", 4, false));
  EXPECT_EQ(drain(*pipe).bytes, "0123456789");
}

TEST(PeekedStream, KeepsWhatIsSaidOfItsPlace) {
  auto peeked = peek("a", 1, true);
  peeked->annotate_location("which is not gzip");
  EXPECT_EQ((*PeekedStream::unwrap(std::move(peeked)))->location(),
            "memory.csv (which is not gzip)");
}

}  // namespace
}  // namespace polarway
