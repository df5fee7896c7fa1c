#include "quantities.h"

#include <gtest/gtest.h>

namespace polarway::cli {
namespace {

TEST(BytesText, HasThreeDigitsAndTheUnitThatFits) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1040), "1.04 KB");
  EXPECT_EQ(bytes_text(64e6), "64 MB");
  EXPECT_EQ(bytes_text(12.34e9), "12.3 GB");
}

TEST(BytesText, RoundsUpIntoTheNextUnit) {
  EXPECT_EQ(bytes_text(999.6), "1 KB");
  EXPECT_EQ(bytes_text(999.7e6), "1 GB");
}

TEST(CountText, SeparatesThousands) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(16'800'000), "16,800,000");
  EXPECT_EQ(count_text(-123), "-123");
  EXPECT_EQ(count_text(-1234), "-1,234");
}

TEST(SecondsText, UsesTheUnitsOfPeople) {
  EXPECT_EQ(seconds_text(0.516), "0.52 s");
  EXPECT_EQ(seconds_text(12.34), "12.3 s");
  EXPECT_EQ(seconds_text(133), "2 min 13 s");
  EXPECT_EQ(seconds_text(3900), "1 h 5 min");
}

TEST(JsonText, EscapesWhatJsonForbids) {
  EXPECT_EQ(json_text("a\"b\\c\n\x01é"), "\"a\\\"b\\\\c\\n\\u0001é\"");
}

TEST(ShellWord, IsQuotedOnlyIfItMustBe) {
  EXPECT_EQ(shell_word("./a/b.csv"), "./a/b.csv");
  EXPECT_EQ(shell_word("age > 30"), "'age > 30'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace polarway::cli
