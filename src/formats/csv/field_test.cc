#include "formats/csv/field.h"

#include <gtest/gtest.h>

namespace polarway::csv {
namespace {

TEST(Unquote, TakesQuotesOffAndSaysWhatIsLeftToDo) {
  const Marks marks;
  EXPECT_EQ(unquote("plain", marks).text, "plain");
  EXPECT_FALSE(unquote("plain", marks).quoted);
  EXPECT_EQ(unquote("\"a,b\"", marks).text, "a,b");
  EXPECT_TRUE(unquote("\"\"", marks).quoted);
  EXPECT_EQ(unescaped(unquote("\"a\"\"b\"\"\"", marks), marks), "a\"b\"");
  for (const char* text : {"\"", "\"a\"b", "\"a\"b\"", "\"a\"\"", "\"\"\""}) {
    EXPECT_TRUE(unquote(text, marks).malformed) << text;
  }
  EXPECT_EQ(unquote("\"a\"", {.has_quote = false}).text, "\"a\"");
}

TEST(Decoded, MakesUtf8OfLatin1) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  const std::string text = decoded(every_byte, Encoding::Latin1);
  EXPECT_TRUE(is_valid_utf8(text));
  EXPECT_EQ(text.size(), 128u + 2 * 128u);
}

TEST(Decoded, LosesOnlyWhatIsInvalid) {
  EXPECT_EQ(decoded("ok \xE2\x82\xAC \xF0\x9F\x8E\x88", Encoding::Utf8Lossy),
            "ok \xE2\x82\xAC \xF0\x9F\x8E\x88");
  EXPECT_EQ(decoded("\xF0\x9F\x8E", Encoding::Utf8Lossy), "\xEF\xBF\xBD");
  EXPECT_EQ(decoded("\xF5z", Encoding::Utf8Lossy), "\xEF\xBF\xBDz");
}

TEST(ValidUtf8Length, IsTheOffsetOfTheFirstInvalidByte) {
  EXPECT_EQ(valid_utf8_length("abc"), 3u);
  EXPECT_EQ(valid_utf8_length("ab\xFF"), 2u);
  EXPECT_EQ(valid_utf8_length("\xE2\x82\xAC\xE2\x82"), 3u);
  EXPECT_EQ(valid_utf8_length(""), 0u);
}

TEST(NullValues, AreTheTextsGiven) {
  const NullValues nulls({"NA", "-"});
  EXPECT_TRUE(nulls.contains("NA"));
  EXPECT_TRUE(nulls.contains("-"));
  EXPECT_FALSE(nulls.contains("N"));
  EXPECT_FALSE(nulls.contains("NAN"));
  EXPECT_FALSE(nulls.contains(""));
}

TEST(Unquote, TakesEscapesOffInQuotesAndOutside) {
  const Marks marks{.has_escape = true, .escape = '\\'};
  const auto value = [&](std::string_view field) {
    return unescaped(unquote(field, marks), marks);
  };
  EXPECT_EQ(value(R"("say \"hi\"")"), R"(say "hi")");
  EXPECT_EQ(value(R"("a""b\\")"), R"(a"b\)");
  EXPECT_EQ(value(R"(a\,b)"), "a,b");
  EXPECT_EQ(value(R"(a""b)"), R"(a""b)");  // not in quotes
  EXPECT_TRUE(unquote(R"("a\")", marks).malformed);
  EXPECT_TRUE(unquote(R"(a\)", marks).malformed);
  EXPECT_TRUE(unquote(R"("a"b)", marks).malformed);
  EXPECT_FALSE(unquote(R"("")", marks).malformed);
}

}  // namespace
}  // namespace polarway::csv
