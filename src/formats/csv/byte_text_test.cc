#include "formats/csv/byte_text.h"

#include <gtest/gtest.h>

namespace polarway::csv {
namespace {

using Value = OptionValue<ByteText>;

TEST(ByteText, ReadsSpellingsOfWhatCannotBeTyped) {
  EXPECT_EQ(Value::parse("tab")->view(), "\t");
  EXPECT_EQ(Value::parse("\\t|\\n\\r\\\\")->view(), "\t|\n\r\\");
  EXPECT_EQ(Value::parse("\\0")->view(), std::string_view("\0", 1));
  EXPECT_EQ(Value::parse("\\x1f\\xC2")->view(), "\x1F\xC2");
  EXPECT_EQ(Value::parse("\\")->view(), "\\");
  EXPECT_EQ(Value::parse("\\q")->view(), "\\q");
}

TEST(ByteText, PrintsWhatItReadsBack) {
  for (const std::string_view bytes :
       {",", "||", "\t", "\n", "\r\n", "\\", "\x01\x1F", "\xC2\xA7", "tab\\"}) {
    EXPECT_EQ(Value::parse(Value::print(ByteText(bytes)))->view(), bytes);
  }
}

TEST(ByteText, RefusesNoneAndTooMany) {
  for (const std::string_view text : {"", "0123456789abcdef", "\\x1", "\\xzz"}) {
    ASSERT_FALSE(Value::parse(text)) << text;
    EXPECT_EQ(Value::parse(text).error().kind, ErrorKind::Config);
  }
}

}  // namespace
}  // namespace polarway::csv
