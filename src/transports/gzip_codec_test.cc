#include <gtest/gtest.h>

#include "support/compressed.h"
#include "support/drain.h"
#include "support/memory_stream.h"
#include "transports/decompressed_stream.h"

namespace polarway {
namespace {

std::string unpacked(const std::string& bytes, std::size_t cut) {
  auto stream = *decompress(std::make_unique<testing::MemoryStream>(bytes, cut),
                            format_of(Compression::Gzip), 1000, MemoryBudget::make(1 << 20));
  const testing::Drained got = testing::drain(*stream);
  EXPECT_FALSE(got.error) << got.message();
  return got.bytes;
}

// A member with everything that a header may have: extra field, name and comment.
std::string with_long_header(const std::string& member) {
  const std::string extra =
      "BC\x02" + std::string(1, '\0') + "\x1B" + std::string(1, '\0');  // bgzf's
  std::string bytes = member.substr(0, 3) + "\x1C" + member.substr(4, 6);
  bytes += std::string("\x06\0", 2) + extra;
  bytes += std::string("a name.csv\0a comment\0", 21);
  return bytes + member.substr(10);
}

TEST(GzipCodec, ReadsAnyHeaderWhereverItIsCut) {
  const std::string member = with_long_header(testing::compressed(Compression::Gzip, "a,b\n1,2\n"));
  for (std::size_t cut = 1; cut < member.size() + 2; ++cut) {
    EXPECT_EQ(unpacked(member + member, cut), "a,b\n1,2\na,b\n1,2\n") << "cut every " << cut;
  }
}

}  // namespace
}  // namespace polarway
