#include "transports/compression.h"

#include <gtest/gtest.h>

#include "support/compressed.h"

namespace polarway {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string found(std::string_view start) {
  const CompressedFormat* format = detect_format(bytes_of(start));
  return format == nullptr ? "none" : std::string(format->name);
}
std::string cut(std::string_view start, const CompressedFormat* expected = nullptr) {
  const CompressedFormat* format = detect_cut_format(bytes_of(start), expected);
  return format == nullptr ? "none" : std::string(format->name);
}
std::string named(std::string_view location) {
  const CompressedFormat* format = format_of_name(location);
  return format == nullptr ? "none" : std::string(format->name);
}

constexpr Compression kRead[] = {Compression::Gzip, Compression::Zstd, Compression::Bz2,
                                 Compression::Lz4, Compression::Xz};

TEST(Compression, IsFoundByTheFirstBytes) {
  for (const Compression kind : kRead) {
    EXPECT_EQ(found(testing::compressed(kind, "a,b\n")), format_of(kind).name);
    EXPECT_EQ(found(testing::compressed(kind, "")), format_of(kind).name);
  }
}

TEST(Compression, IsNotFoundInText) {
  for (const std::string_view text :
       {"", "a", "BZh,b\n", "BZh9,b\n", "(,b\n", "PK,b\n", "LZIP,b\n", "7z,b\n"}) {
    EXPECT_EQ(found(text), "none") << text;
  }
}

TEST(Compression, BehindFramesWithoutDataIsThatOfTheFirstOneWithThem) {
  const std::string skippable("\x50\x2A\x4D\x18\x04\0\0\0abcd", 12);
  const std::string lz4 = testing::compressed(Compression::Lz4, "a");
  EXPECT_EQ(found(skippable + skippable + lz4), "lz4");
  EXPECT_EQ(found(skippable), "zstd");
  EXPECT_EQ(found(skippable.substr(0, 9)), "zstd");
}

TEST(Compression, ThatIsNotReadIsNamedAllTheSame) {
  EXPECT_EQ(found("PK\x03\x04..."), "zip");
  EXPECT_EQ(found("\x02\x21\x4C\x18"), "legacy lz4");
  EXPECT_EQ(found(std::string_view("\xFF\x06\x00\x00sNaPpY", 10)), "framed snappy");
  EXPECT_EQ(named("a.csv.snappy"), "snappy");
  for (const std::string_view name : {"a.zip", "a.snappy", "a.Z", "a.lz", "a.7z"}) {
    const CompressedFormat* format = format_of_name(name);
    ASSERT_NE(format, nullptr);
    EXPECT_EQ(format->make_codec, nullptr);
    EXPECT_FALSE(format->way_out.empty());
  }
}

TEST(Compression, IsThatOfTheName) {
  EXPECT_EQ(named("/data.gz/a.csv"), "none");
  EXPECT_EQ(named("/data/a.csv.gz"), "gzip");
  EXPECT_EQ(named("a.csv.bgz"), "gzip");
  EXPECT_EQ(named("a.zst"), "zstd");
  EXPECT_EQ(named("a.zstd"), "zstd");
  EXPECT_EQ(named("a.csv.xz"), "xz");
  EXPECT_EQ(named("a.csv.bz2"), "bz2");
  EXPECT_EQ(named("a.csv.lz4"), "lz4");
  EXPECT_EQ(named("gz"), "none");
  EXPECT_EQ(name_without_format("/a.gz/b.tsv.gz"), "/a.gz/b.tsv");
  EXPECT_EQ(name_without_format("/a.gz/b.tsv"), "/a.gz/b.tsv");
}

TEST(Compression, CutOffInItsMagicNumberIsToldFromText) {
  for (const Compression kind : kRead) {
    const std::string bytes = testing::compressed(kind, "a");
    const std::size_t magic = format_of(kind).magic.size();
    for (std::size_t size = 1; size < magic; ++size) {
      EXPECT_EQ(cut(bytes.substr(0, size), &format_of(kind)), format_of(kind).name) << size;
    }
  }
  EXPECT_EQ(cut("\x1F"), "gzip");
  EXPECT_EQ(cut("BZh9"), "none");
  EXPECT_EQ(cut("("), "none");
  EXPECT_EQ(cut(""), "none");
  EXPECT_EQ(cut("BZh9", &format_of(Compression::Bz2)), "bz2");
  EXPECT_EQ(cut("a,b\n", &format_of(Compression::Gzip)), "none");
}

}  // namespace
}  // namespace polarway
