// Dialects: what separates, quotes, escapes, ends lines and is left out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/csv_reading.h"

namespace polarway::csv {
namespace {

using csv::testing::error_of;
using csv::testing::Outcome;
using csv::testing::read_all;
using csv::testing::Reading;
using csv::testing::rows_of;
using csv::testing::types_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Table = ::polarway::testing::Rows;

TEST(CsvDecoder, LeavesOutCommentsWhateverIsInThem) {
  EXPECT_THAT(rows_of("# it's \"odd\n a,b\n1,2\n# x,\"y\n3,\"#4\"\n", {{"comment_char", "#"}}),
              ElementsAre("1|2", "3|#4"));
}

TEST(CsvDecoder, LeavesOutRowsBeforeTheHeader) {
  EXPECT_THAT(rows_of("made by\na,b,c,d\nx,y\n1,2\n", {{"skip_rows", "2"}}), ElementsAre("1|2"));
  EXPECT_EQ(error_of({.bytes = "a\n1\n", .options = {{"skip_rows", "9"}}}).kind,
            ErrorKind::EmptySource);
}

TEST(CsvDecoder, AFirstRowOfSeveralBlocksMayStandBehindLinesLeftOut) {
  for (std::int64_t block = 1; block < 40; ++block) {
    EXPECT_THAT(read_all({.bytes = "# one\n\n# two\na,\"b,\n\nc\"\n1,2\n",
                          .options = {{"comment_char", "#"}},
                          .block_bytes = block})
                    .rows,
                ElementsAre("1|2"))
        << "blocks of " << block;
  }
}

TEST(CsvDecoder, BlankLinesBeforeTheFirstRowAreNoRowsWhereverBlocksEnd) {
  for (std::int64_t block = 1; block < 12; ++block) {
    const Outcome outcome = read_all(
        {.bytes = "\n\r\n\n1\n\n3\n", .options = {{"has_header", "false"}}, .block_bytes = block});
    EXPECT_THAT(outcome.rows, ElementsAre("1", "null", "3")) << "blocks of " << block;
  }
}

TEST(CsvDecoder, NamesColumnsWithoutAHeader) {
  const Outcome outcome = read_all({.bytes = "1,x\n2,y\n", .options = {{"has_header", "false"}}});
  EXPECT_THAT(outcome.rows, ElementsAre("1|x", "2|y"));
  EXPECT_THAT(outcome.schema->field_names(), ElementsAre("column_1", "column_2"));
}

TEST(CsvDecoder, MakesColumnNamesUnique) {
  EXPECT_THAT(read_all({.bytes = "a,a,,a\n1,2,3,4\n"}).schema->field_names(),
              ElementsAre("a", "a_duplicated_0", "column_3", "a_duplicated_1"));
}

TEST(CsvDecoder, ReadsOtherDialects) {
  EXPECT_THAT(rows_of("a;b\n'x;y';2\n", {{"delimiter", ";"}, {"quote_char", "'"}}),
              ElementsAre("x;y|2"));
  EXPECT_THAT(rows_of("a\tb\n\"x\ty\n", {{"sep", "\\t"}, {"quote_char", "none"}}),
              ElementsAre("\"x|y"));
}

TEST(CsvDecoder, SeparatesByDelimitersOfSeveralBytes) {
  EXPECT_THAT(rows_of("a||b||c\n1||\"x||\"\"y\"||3\r\n4|||5||6\n", {{"delimiter", "||"}}),
              ElementsAre("1|x||\"y|3", "4||5|6"));
  EXPECT_THAT(rows_of("a\xC2\xA7"
                      "b\n1\xC2\xA7"
                      "2\n",
                      {{"sep", "\xC2\xA7"}}),
              ElementsAre("1|2"));
}

TEST(CsvDecoder, TakesEscapesOff) {
  EXPECT_THAT(rows_of("a,b\n\"say \\\"hi\\\"\",x\\,y\n\\N,\"\\\\\"\n",
                      {{"escape", "\\"}, {"null_values", "\\N"}}),
              ElementsAre("say \"hi\"|x,y", "null|\\"));
  const SourceError error = error_of({.bytes = "a,b\n1,x\\", .options = {{"escape_char", "\\"}}});
  EXPECT_EQ(error.kind, ErrorKind::Parse);
}

TEST(CsvDecoder, EndsLinesAtAnyByte) {
  EXPECT_THAT(rows_of("a,b;1,\"x;y\";2,z\n\r;", {{"eol_char", ";"}}),
              ElementsAre("1|x;y", "2|z\n\r"));
  EXPECT_THAT(rows_of("a,b\r1,x\ny\r", {{"new_line", "\\r"}}), ElementsAre("1|x\ny"));
  EXPECT_THAT(rows_of("a,b\r\n1,x\r\n", {{"new_line", "\\r\\n"}}), ElementsAre("1|x"));
}

// Whatever blocks end in, the rows are the same, a delimiter or an escape included.
TEST(CsvDecoder, RowsOfOtherDialectsDoNotDependOnWhereBlocksEnd) {
  const std::string bytes =
      "// made by\nid||name\n//\n1||\"a||\\\"b\\\\\"\r\n2||x\\\ny||\n// "
      "\"\n//\n3||\"\"\"//\"\n4||\\||";
  const std::map<std::string, std::string> options = {
      {"delimiter", "||"}, {"escape_char", "\\"}, {"comment_prefix", "//"}};
  const Outcome ragged = read_all({.bytes = bytes, .options = options});
  EXPECT_THAT(ragged.rows, ElementsAre("1|a||\"b\\"));
  EXPECT_EQ(ragged.error->where.row, 2);
  const std::string good =
      "// made by\nid||name\n//\n1||\"a||\\\"b\\\\\"\r\n2||x\\\ny|\n// "
      "\"\n//\n3||\"\"\"//\"\n4||\\||";
  const Table rows = {"1|a||\"b\\", "2|x\ny|", "3|\"//", "4|||"};
  for (std::int64_t block = 1; block <= 130; ++block) {
    const Outcome outcome = read_all({.bytes = good, .options = options, .block_bytes = block});
    EXPECT_EQ(outcome.rows, rows) << "blocks of " << block;
    EXPECT_FALSE(outcome.error) << outcome.error->to_string();
    EXPECT_EQ(
        read_all({.bytes = good, .options = options, .cut = static_cast<std::size_t>(block)}).rows,
        rows);
  }
}

TEST(CsvDecoder, ARowLongerThanMaxLineSizeIsAnErrorWhereverBlocksEnd) {
  const std::string bytes = "a,b\n1,2\n3," + std::string(100, 'x') + "\n5,6\n";
  for (const std::int64_t block : {1, 16, 64, 100, 1000}) {
    const Outcome outcome =
        read_all({.bytes = bytes, .options = {{"max_line_size", "101"}}, .block_bytes = block});
    EXPECT_THAT(outcome.rows, ElementsAre("1|2"));
    ASSERT_TRUE(outcome.error) << block;
    EXPECT_EQ(outcome.error->kind, ErrorKind::Parse);
    EXPECT_EQ(outcome.error->where.row, 2);
    EXPECT_EQ(outcome.error->where.byte_offset, 8);
    EXPECT_THAT(outcome.error->message, HasSubstr("max_line_size"));
    EXPECT_EQ(
        read_all({.bytes = bytes, .options = {{"max_line_size", "102"}}, .block_bytes = block})
            .rows.size(),
        3u);
  }
}

// As Polars has it: blank lines before the first row are none, those behind it are.
TEST(CsvDecoder, SkipsRowsOrLines) {
  const std::map<std::string, std::string> two_rows = {{"skip_rows", "2"}};
  EXPECT_THAT(rows_of("made by\n\na,b\n1,2\n", two_rows), ElementsAre("1|2"));
  EXPECT_THAT(rows_of("\n\nmade\n\"x\ny\"\na,b\n1,2\n", two_rows), ElementsAre("1|2"));
  EXPECT_THAT(rows_of("say \"hi\n\n\"\na,b\n1,2\n", {{"skip_lines", "3"}}), ElementsAre("1|2"));
  for (std::int64_t block = 1; block < 20; ++block) {
    EXPECT_THAT(read_all({.bytes = "#\"\n\n#x,y\na,b\n1,2\n",
                          .options = {{"comment_char", "#"}, {"skip", "1"}},
                          .block_bytes = block})
                    .rows,
                ElementsAre("1|2"))
        << block;
  }
  EXPECT_EQ(error_of({.bytes = "a\n1\n", .options = {{"skip_lines", "2"}}}).kind,
            ErrorKind::EmptySource);
}
TEST(CsvDialect, WhatIsTooLongForALineDoesNotDependOnWhereBlocksEnd) {
  for (const auto& [bytes, error] : std::vector<std::pair<std::string, std::string>>{
           {"long header,b\n1,2\n", "a row is longer than max_line_size, 9 bytes"},
           {"a,b\n1,\"never closed\n", "a row is longer than max_line_size, 9 bytes"},
           {"a,b\n1,\"open", "a quoted field is never closed"},
           {"# a long comment\na,b\n# another, longer\n1,2\n", ""}}) {
    for (std::int64_t block = 1; block < 50; ++block) {
      const Outcome outcome = read_all({.bytes = bytes,
                                        .options = {{"max_line_size", "9"}, {"comment_char", "# "}},
                                        .block_bytes = block});
      EXPECT_EQ(outcome.error ? outcome.error->message : "", error) << "blocks of " << block;
    }
  }
}

}  // namespace
}  // namespace polarway::csv
