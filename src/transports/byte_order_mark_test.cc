#include "transports/byte_order_mark.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace polarway {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;

std::string start(std::string_view text, const std::string& said) {
  const Result<TextStart> found = start_of_text(
      {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, Charset{said});
  if (!found) return found.error().to_string();
  return found->from.name + " " + std::to_string(found->byte_order_mark);
}

TEST(ByteOrderMark, OfAWideEncodingGoesBeforeUtf8) {
  for (const std::string said : {"utf-8", "utf-8-lossy"}) {
    EXPECT_EQ(start("\xFF\xFE"
                    "a\0"sv,
                    said),
              "utf-16le 2");
    EXPECT_EQ(start("\xFE\xFF\0a"sv, said), "utf-16be 2");
    EXPECT_EQ(start("\xFF\xFE\0\0a\0\0\0"sv, said), "utf-32le 4");
    EXPECT_EQ(start("\0\0\xFE\xFF\0\0\0a"sv, said), "utf-32be 4");
    EXPECT_EQ(start("\xEF\xBB\xBF"
                    "a"sv,
                    said),
              said + " 0")
        << "which is the decoder's to drop";
    EXPECT_EQ(start("a"sv, said), said + " 0");
    EXPECT_EQ(start("", said), said + " 0");
  }
}

TEST(ByteOrderMark, SettlesTheByteOrderThatTheNameLeavesOpen) {
  EXPECT_EQ(start("\xFF\xFE"
                  "a\0"sv,
                  "utf-16"),
            "utf-16le 2");
  EXPECT_EQ(start("\xFE\xFF\0a"sv, "utf-16"), "utf-16be 2");
  EXPECT_EQ(start("\0\0\xFE\xFF\0\0\0a"sv, "utf-32"), "utf-32be 4");
}

TEST(ByteOrderMark, ThatIsNotThereIsReplacedByTheZerosOfTheFirstCharacter) {
  EXPECT_EQ(start("a\0b\0"sv, "utf-16"), "utf-16le 0");
  EXPECT_EQ(start("\0a\0b"sv, "utf-16"), "utf-16be 0");
  EXPECT_EQ(start("a\0\0\0"sv, "utf-32"), "utf-32le 0");
  EXPECT_EQ(start("\0\0\0a"sv, "utf-32"), "utf-32be 0");
  EXPECT_THAT(start("ab"sv, "utf-16"), HasSubstr("set encoding=utf-16le or utf-16be"));
  EXPECT_THAT(start("\0\0"sv, "utf-16"), HasSubstr("byte order"));
}

TEST(ByteOrderMark, OfTheEncodingThatWasSaidIsLeftOut) {
  EXPECT_EQ(start("\xFF\xFE"
                  "a\0"sv,
                  "utf-16le"),
            "utf-16le 2");
  EXPECT_EQ(start("a\0"sv, "utf-16le"), "utf-16le 0");
}

TEST(ByteOrderMark, OfAnotherEncodingIsAnError) {
  EXPECT_THAT(start("\xFE\xFF\0a"sv, "utf-16le"), HasSubstr("utf-16be, but encoding is utf-16le"));
  EXPECT_THAT(start("\xEF\xBB\xBF"
                    "a"sv,
                    "utf-16"),
              HasSubstr("mark of utf-8"));
  EXPECT_THAT(start("\xEF\xBB\xBF"
                    "a"sv,
                    "windows-1252"),
              HasSubstr("mark of utf-8"));
  EXPECT_THAT(start("\xFF\xFE"
                    "a\0"sv,
                    "latin1"),
              HasSubstr("encoding=utf-16le"));
}

TEST(ByteOrderMark, MayBeLettersWhereNoZerosFollow) {
  EXPECT_EQ(start("\xFF\xFE"
                  "ab",
                  "windows-1251"),
            "windows-1251 0");
  EXPECT_EQ(start("\xFF\xFE"
                  "ab",
                  "latin1"),
            "latin1 0");
  EXPECT_EQ(start("\xEF\xBB\xBF"
                  "ab",
                  "latin1"),
            "latin1 0");
}

}  // namespace
}  // namespace polarway
