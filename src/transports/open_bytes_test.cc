#include "transports/open_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/compressed.h"
#include "support/drain.h"
#include "support/temporary_folder.h"

namespace polarway {
namespace {

using namespace std::string_literals;
using testing::compressed;
using ::testing::HasSubstr;

constexpr Compression kRead[] = {Compression::Gzip, Compression::Zstd, Compression::Bz2,
                                 Compression::Lz4, Compression::Xz};

class OpenBytes : public ::testing::Test {
 protected:
  Result<std::unique_ptr<ByteStream>> open(const std::string& name, const std::string& bytes,
                                           const std::map<std::string, std::string>& options = {},
                                           const std::string& charset = "utf-8") const {
    testing::write_text(folder / name, bytes);
    POLARWAY_TRY(const ByteOptions byte_options, parse_byte_options(options));
    return open_bytes(folder / name, byte_options, Charset{charset}, budget, {});
  }
  // The text, or the error.
  std::string read(const std::string& name, const std::string& bytes,
                   const std::map<std::string, std::string>& options = {},
                   const std::string& charset = "utf-8") const {
    auto stream = open(name, bytes, options, charset);
    if (!stream) return stream.error().to_string();
    const testing::Drained got = testing::drain(**stream);
    return got.error ? got.message() : got.bytes;
  }

  testing::TemporaryFolder folder;
  std::shared_ptr<MemoryBudget> budget = MemoryBudget::make(64 << 20);
};

TEST_F(OpenBytes, FindsTheCompressionWhateverTheNameSays) {
  for (const Compression kind : kRead) {
    const std::string name(format_of(kind).name);
    for (const std::string file : {"a.csv", "a.csv.gz", "a.csv.zip"}) {
      EXPECT_EQ(read(file, compressed(kind, "a,b\n")), "a,b\n") << name << " in " << file;
    }
    EXPECT_EQ(read("a.csv", compressed(kind, "a,b\n"), {{"compression", name}}), "a,b\n");
    EXPECT_EQ(read("a.csv", compressed(kind, "a,b\n"), {{"use_mmap", "true"}}), "a,b\n");
  }
  EXPECT_EQ(read("a.csv.gz", "a,b\n"), "a,b\n");
}

TEST_F(OpenBytes, NamesAFileWhoseNameMisleads) {
  EXPECT_THAT((*open("a.gz", "a,b\n"))->location(), HasSubstr("a.gz (which is not gzip)"));
  EXPECT_THAT((*open("a.gz", compressed(Compression::Xz, "a")))->location(),
              HasSubstr("a.gz (which is xz, not gzip)"));
  EXPECT_EQ((*open("a.gz", compressed(Compression::Gzip, "a")))->location(), folder / "a.gz");
}

TEST_F(OpenBytes, RefusesAFileThatIsNotWhatTheOptionSays) {
  EXPECT_THAT(read("a", "a,b\n", {{"compression", "gzip"}}),
              HasSubstr("compression is gzip, but the file is not compressed"));
  EXPECT_THAT(read("a", compressed(Compression::Xz, "a"), {{"compression", "gz"}}),
              HasSubstr("compression is gzip, but the file is xz"));
  const std::string gzip = compressed(Compression::Gzip, "a");
  EXPECT_EQ(read("a", gzip, {{"compression", "none"}}), gzip);
}

TEST_F(OpenBytes, NamesWhatItDoesNotRead) {
  EXPECT_THAT(read("a", "PK\x03\x04.........."), HasSubstr("this is zip, which is not read"));
  EXPECT_THAT(read("a.csv.snappy", "......"), HasSubstr("this is snappy, which is not read"));
  const std::string gzip = compressed(Compression::Gzip, "a");
  EXPECT_THAT(read("a", compressed(Compression::Xz, gzip)), HasSubstr("gzip again"));
}

TEST_F(OpenBytes, KnowsACompressedFileOfWhichOnlyAByteIsLeft) {
  for (const Compression kind : kRead) {
    const std::string bytes = compressed(kind, "a,b\n1,2\n");
    const std::string name = "a.csv." + std::string(format_of(kind).extension);
    const std::string said(format_of(kind).name);
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      const std::string place = "truncated at byte " + std::to_string(size) + " of the file";
      EXPECT_THAT(read(name, bytes.substr(0, size)), HasSubstr(place)) << name;
      EXPECT_THAT(read("a", bytes.substr(0, size), {{"compression", said}}), HasSubstr(place));
    }
    EXPECT_EQ(read(name, ""), "");
  }
}

TEST_F(OpenBytes, ReadsAWideEncodingByItsMarkAndUtf8AsItIs) {
  EXPECT_EQ(read("a",
                 "\xFF\xFE"
                 "a\0\n\0"s),
            "a\n");
  EXPECT_EQ(read("a", compressed(Compression::Gzip, "\xFE\xFF\0a\0\n"s)), "a\n");
  EXPECT_EQ(read("a", "a\0\n\0"s, {}, "utf-16"), "a\n");
  EXPECT_EQ(read("a", "\x80"s, {}, "windows-1252"), "€");
  EXPECT_EQ(read("a", "\xE9"s, {}, "latin1"), "\xE9") << "is the decoder's";
  EXPECT_THAT(read("a", "\xFE\xFF\0a"s, {}, "utf-16le"), HasSubstr("encoding=utf-16be"));
}

TEST_F(OpenBytes, HasRandomAccessOnlyToTheBytesOfAFile) {
  EXPECT_TRUE((*open("a", "a,b\n"))->random_access());
  EXPECT_TRUE((*open("a", "a,b\n", {}, "latin1"))->random_access());
  EXPECT_FALSE((*open("a", compressed(Compression::Gzip, "a")))->random_access());
  EXPECT_FALSE((*open("a", "a", {}, "windows-1252"))->random_access());
}

TEST_F(OpenBytes, RefusesOptionsThatMakeNoSense) {
  EXPECT_THAT(read("a", "a", {{"max_expansion", "0"}}), HasSubstr("max_expansion"));
  EXPECT_THAT(read("a", "a", {{"compression", "rar"}}), HasSubstr("compression"));
  EXPECT_EQ(read("a", "a", {{"max_expansion", "none"}}), "a");
}

TEST_F(OpenBytes, IsNotFoundWhereThereIsNothing) {
  EXPECT_EQ(open_bytes(folder / "none", {}, {}, budget, {}).error().kind, ErrorKind::NotFound);
}

}  // namespace
}  // namespace polarway
