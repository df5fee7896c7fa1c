#include "core/utf8.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

TEST(Utf8, CharactersOfEveryLengthHaveTheirCodePoint) {
  std::uint32_t code_point = 0;
  EXPECT_EQ(utf8_length("a", code_point), 1u);
  EXPECT_EQ(code_point, U'a');
  EXPECT_EQ(utf8_length("ü!", code_point), 2u);
  EXPECT_EQ(code_point, U'ü');
  EXPECT_EQ(utf8_length("漢", code_point), 3u);
  EXPECT_EQ(code_point, U'漢');
  EXPECT_EQ(utf8_length("😀", code_point), 4u);
  EXPECT_EQ(code_point, U'😀');
}

TEST(Utf8, WhatTheStandardForbidsIsNotUtf8) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("Zürich 漢字 😀"));
  EXPECT_FALSE(is_utf8("\xFF"));
  EXPECT_FALSE(is_utf8("\x80"));
  EXPECT_FALSE(is_utf8("a\xC3"));             // cut short
  EXPECT_FALSE(is_utf8("\xC3("));             // no continuation
  EXPECT_FALSE(is_utf8("\xC0\xAF"));          // longer than it needs to be
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));      // half of a surrogate pair
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // beyond Unicode
}

}  // namespace
}  // namespace polarway
