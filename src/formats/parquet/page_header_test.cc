#include "formats/parquet/page_header.h"

#include <gtest/gtest.h>

#include <string>

namespace polarway::pq {
namespace {

using namespace std::string_literals;

// A data page of 5 values, 40 bytes stored as 30, PLAIN, with a checksum of -1.
const std::string kData =
    "\x15\x00\x15\x50\x15\x3C\x15\x01\x1C\x15\x0A\x15\x00\x15\x06\x15\x06\x00\x00"s;

TEST(PageHeader, HasWhatStandsBeforeAPage) {
  const auto header = parse_page_header(kData + "values");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->kind, PageHeader::Kind::Data);
  EXPECT_EQ(header->bytes, 40);
  EXPECT_EQ(header->stored_bytes, 30);
  EXPECT_EQ(header->num_values, 5);
  EXPECT_EQ(header->encoding, ::parquet::Encoding::PLAIN);
  EXPECT_EQ(header->crc, 0xFFFFFFFFU);
  EXPECT_EQ(header->header_bytes, kData.size());
}

TEST(PageHeader, IsNotThereUntilAllOfItIs) {
  for (std::size_t size = 0; size < kData.size(); ++size) {
    EXPECT_FALSE(parse_page_header(kData.substr(0, size))) << size;
  }
}

TEST(PageHeader, NumbersThatCannotBeAreNoHeader) {
  std::string negative = kData;
  negative[3] = '\x51';  // -41 bytes
  EXPECT_FALSE(parse_page_header(negative));
  // Of the second version: levels of 32 bytes in a page of 30.
  EXPECT_FALSE(parse_page_header(
      "\x15\x06\x15\x50\x15\x3C\x5C\x15\x0A\x15\x00\x15\x0A\x15\x00\x15\x40\x15\x00\x00\x00"s));
}

TEST(PageHeader, KindsThatNobodyKnowsCanBePassedOver) {
  const auto header = parse_page_header("\x15\x0E\x15\x50\x15\x3C\x00"s);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->kind, PageHeader::Kind::Other);
  EXPECT_EQ(header->stored_bytes, 30);
}

}  // namespace
}  // namespace polarway::pq
