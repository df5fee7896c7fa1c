#include "core/quoted_text.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

TEST(QuotedText, PlainTextGetsQuotesOnly) {
  EXPECT_EQ(shorten(""), "\"\"");
  EXPECT_EQ(shorten("Zürich 漢字 😀"), "\"Zürich 漢字 😀\"");
}

TEST(QuotedText, QuotesAndBackslashesAreEscaped) { EXPECT_EQ(shorten("a\"b\\c"), R"("a\"b\\c")"); }

TEST(QuotedText, ControlCharactersAndNulAreSpelledOut) {
  EXPECT_EQ(shorten(std::string_view("\0\n\r\t\x1B[31m\x7F", 10)), R"("\0\n\r\t\x1B[31m\x7F")");
}

TEST(QuotedText, BytesThatAreNoUtf8AreSpelledOut) {
  EXPECT_EQ(shorten("\xFF"), R"("\xFF")");
  EXPECT_EQ(shorten("a\xC3"), R"("a\xC3")");                        // cut short
  EXPECT_EQ(shorten("\xC0\xAF"), R"("\xC0\xAF")");                  // overlong
  EXPECT_EQ(shorten("\xED\xA0\x80"), R"("\xED\xA0\x80")");          // surrogate
  EXPECT_EQ(shorten("\xF4\x90\x80\x80"), R"("\xF4\x90\x80\x80")");  // beyond Unicode
}

TEST(QuotedText, MarksThatTurnTextAroundAreSpelledOut) {
  EXPECT_EQ(shorten("a\u202Eb"), R"("a\xE2\x80\xAEb")");
  EXPECT_EQ(shorten("\u0085"), R"("\xC2\x85")");
}

TEST(QuotedText, WhatFitsExactlyIsNotCut) {
  EXPECT_EQ(shorten("abcd", 4), "\"abcd\"");
  EXPECT_EQ(shorten("abcde", 4), "\"abcd…\"");
}

TEST(QuotedText, NoCharacterOrEscapeIsCutInTwo) {
  EXPECT_EQ(shorten("aaü", 3), "\"aa…\"");
  EXPECT_EQ(shorten("aa\xFF", 5), "\"aa…\"");
  EXPECT_EQ(shorten("\"", 1), "\"…\"");
}

TEST(QuotedText, ANameHasQuotesOnlyWhereItIsNotShownAsItIs) {
  EXPECT_EQ(shorten_name("größe (cm)"), "größe (cm)");
  EXPECT_EQ(shorten_name(""), "\"\"");
  EXPECT_EQ(shorten_name("a\nb"), "\"a\\nb\"");
  EXPECT_EQ(shorten_name("abcde", 4), "\"abcd…\"");
}

}  // namespace
}  // namespace polarway
