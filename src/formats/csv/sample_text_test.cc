#include "formats/csv/sample_text.h"

#include <gtest/gtest.h>

#include <string_view>

namespace polarway::csv {
namespace {

using std::string_view_literals::operator""sv;

SampleText read(std::string_view bytes, bool is_whole = true) {
  return read_sample({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, is_whole);
}

TEST(SampleText, AByteOrderMarkIsCertainAndNotPartOfTheText) {
  EXPECT_EQ(read("\xEF\xBB\xBF\x61").utf8, "a");
  EXPECT_EQ(read("\xFF\xFE\x61\x00"sv).encoding, "utf-16le");
  EXPECT_EQ(read("\xFE\xFF\x00\x61"sv).encoding, "utf-16be");
  EXPECT_EQ(read("\xFE\xFF\x00\x61"sv).utf8, "a");
  EXPECT_EQ(read("\xFE\xFF\x00\x61"sv).confidence, 1);
}

TEST(SampleText, ZerosInEverySecondByteAreUtf16) {
  EXPECT_EQ(read("a\0,\0b\0\n\0"sv).encoding, "utf-16le");
  EXPECT_EQ(read("\0a\0,\0b\0\n"sv).encoding, "utf-16be");
  EXPECT_EQ(read("\0a\0,\0b\0\n"sv).utf8, "a,b\n");
  EXPECT_EQ(read("a\0bc\0d,e"sv).encoding, "utf-8") << "zeros at any places are not";
}

TEST(SampleText, PairsOfSurrogatesAreOneCharacterAndHalvesAreReplaced) {
  EXPECT_EQ(read("\xFF\xFE\x3D\xD8\x00\xDE"sv).utf8, "😀");
  EXPECT_EQ(read("\xFF\xFE\x00\xDE"sv).utf8, "\uFFFD");
}

TEST(SampleText, ACharacterThatTheSampleCutsIsNoFault) {
  EXPECT_EQ(read("Zürich gr\xC3", false).encoding, "utf-8");
  EXPECT_EQ(read("Zürich gr\xC3", false).utf8, "Zürich gr");
  EXPECT_EQ(read("Zürich gr\xC3", true).encoding, "latin1");
}

TEST(SampleText, OfEncodingsOfOneByteOnlyTheEuroSignAndItsNeighboursTell) {
  EXPECT_EQ(read("gr\xF6\xDF\x65").encoding, "latin1");
  EXPECT_EQ(read("gr\xF6\xDF\x65").utf8, "größe");
  EXPECT_EQ(read("5 \x80").encoding, "windows-1252");
  EXPECT_EQ(read("5 \x80").utf8, "5 €");
  EXPECT_LE(read("5 \x80").confidence, 0.5);
}

TEST(SampleText, AsciiIsUtf8ButNotForCertain) {
  EXPECT_EQ(read("a,b").encoding, "utf-8");
  EXPECT_LT(read("a,b").confidence, read("ä,b").confidence);
}

}  // namespace
}  // namespace polarway::csv
