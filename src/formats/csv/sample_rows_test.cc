#include "formats/csv/sample_rows.h"

#include <gtest/gtest.h>

namespace polarway::csv {
namespace {

TEST(SampleRows, HaveTheFieldsOfTheirDialect) {
  const SampleRows rows("a,\"b,c\"\r\n1\n", {}, true);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows.num_fields(0), 2u);
  EXPECT_EQ(rows.num_fields(1), 1u);
  EXPECT_EQ(rows.raw(0, 1), "\"b,c\"");
  EXPECT_EQ(rows.field(0, 1).text, "b,c");
  EXPECT_TRUE(rows.field(0, 1).quoted);
  EXPECT_EQ(rows.begin(1), 9u);
  const SampleRows unquoted("a,\"b,c\"\n", {.has_quote = false}, true);
  EXPECT_EQ(unquoted.num_fields(0), 3u);
}

TEST(SampleRows, LeaveBlankLinesOut) {
  const SampleRows rows("\n\na\n\nb\n", {}, true);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows.raw(1, 0), "b");
}

TEST(SampleRows, LeaveARowThatTheSampleCutsOutUnlessThereIsNoOther) {
  EXPECT_EQ(SampleRows("a,b\n1,2", {}, false).size(), 1u);
  EXPECT_EQ(SampleRows("a,b\n1,2", {}, true).size(), 2u);
  EXPECT_EQ(SampleRows("a,b", {}, false).size(), 1u);
}

TEST(SampleRows, TellWhenQuotesAreNeverClosed) {
  EXPECT_TRUE(SampleRows("a\n\"b\nc\nd\n", {}, true).is_unclosed());
  EXPECT_FALSE(SampleRows("a\n\"b\nc\"\nd\n", {}, true).is_unclosed());
  EXPECT_FALSE(SampleRows("a\nb\nc\nd\ne\nf\ng\nh\n\"i\n", {}, false).is_unclosed())
      << "the rest of the file may close them";
}

}  // namespace
}  // namespace polarway::csv
