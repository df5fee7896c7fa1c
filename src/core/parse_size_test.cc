#include <gtest/gtest.h>

#include <cstdint>

#include "polarway/memory.h"

namespace polarway {
namespace {

std::int64_t size_of(std::string_view text) { return parse_size(text).value_or(-1); }

TEST(ParseSize, KiloIsAThousandAndKibiIs1024) {
  EXPECT_EQ(size_of("1KB"), 1'000);
  EXPECT_EQ(size_of("1KiB"), 1'024);
  EXPECT_EQ(size_of("600MB"), 600'000'000);
  EXPECT_EQ(size_of("64MiB"), 64 << 20);
  EXPECT_EQ(size_of("2GB"), 2'000'000'000);
  EXPECT_EQ(size_of("2 GiB"), std::int64_t{2} << 30);
  EXPECT_EQ(size_of("1TB"), 1'000'000'000'000);
  EXPECT_EQ(size_of("1TiB"), std::int64_t{1} << 40);
}

TEST(ParseSize, PlainNumbersAreBytes) {
  EXPECT_EQ(size_of("0"), 0);
  EXPECT_EQ(size_of("4096"), 4'096);
  EXPECT_EQ(size_of("7 b"), 7);
}

TEST(ParseSize, CaseAndOuterSpacesDoNotMatter) {
  EXPECT_EQ(size_of(" 1.5gB "), 1'500'000'000);
  EXPECT_EQ(size_of("1.5gib"), 1'610'612'736);
}

TEST(ParseSize, FractionsAreExactAndWhatIsLessThanAByteIsDropped) {
  EXPECT_EQ(size_of("0.1GB"), 100'000'000);
  EXPECT_EQ(size_of("4.35KB"), 4'350);
  EXPECT_EQ(size_of(".5KB"), 500);
  EXPECT_EQ(size_of("1.9"), 1);
  EXPECT_EQ(size_of("0.99999999999999999999999999TiB"), (std::int64_t{1} << 40) - 1);
}

TEST(ParseSize, TheLargestIs63Bits) {
  EXPECT_EQ(size_of("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(size_of("8388607.9TiB"), INT64_MAX - ((std::int64_t{1} << 40) / 10));
  for (const char* text : {"9223372036854775808", "9223372036854775807.5KB", "8388608TiB",
                           "99999999999999999999999"}) {
    const auto got = parse_size(text);
    ASSERT_FALSE(got) << text;
    EXPECT_EQ(got.error().kind, ErrorKind::Config);
    EXPECT_NE(got.error().message.find("too large"), std::string::npos) << text;
  }
}

TEST(ParseSize, AnythingElseIsAConfigError) {
  for (const char* text : {"", " ", "GB", "-1", "-5MB", "+5", "1e9", "1,5GB", "1.", "1.GB", "1..5",
                           "5 M B", "2G", "1_000", "nan", "inf", "0x10", "5MBps", "5\tMB"}) {
    const auto got = parse_size(text);
    ASSERT_FALSE(got) << text;
    EXPECT_EQ(got.error().kind, ErrorKind::Config);
    EXPECT_NE(got.error().message.find("is not a size"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace polarway
