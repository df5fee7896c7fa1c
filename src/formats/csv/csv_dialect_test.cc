#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/csv_reading.h"

namespace polarway::csv {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using testing::Outcome;
using testing::read_all;
using testing::Reading;
using testing::rows_of;
using testing::Table;

// Quotes, quoted line ends, doubled quotes, CRLF among LF, UTF-8, blank lines, no final line end.
const char kSample[] =
    "id,name,note,score\n"
    "1,Ada,\"one, two\",1.5\r\n"
    "2,\"Zo\xC3\xAB \"\"Z\"\" \xE2\x82\xAC\",\"line\r\nbreak\",\n"
    "\n"
    "3,,\"\",-0.25\r\n"
    "4,\"\"\"\",\xF0\x9F\x8E\x88,1e3\n"
    "5,plain,a \"b\" c,2";

TEST(CsvDialect, SeparatesByDelimitersOfSeveralBytes) {
  EXPECT_THAT(rows_of("a||b||c\n1||\"x||\"\"y\"||3\r\n4|||5||6\n", {{"delimiter", "||"}}),
              ElementsAre("1|x||\"y|3", "4||5|6"));
  EXPECT_THAT(rows_of("a\xC2\xA7"
                      "b\n1\xC2\xA7"
                      "2\n",
                      {{"sep", "\xC2\xA7"}}),
              ElementsAre("1|2"));
}

TEST(CsvDialect, TakesEscapesOff) {
  EXPECT_THAT(rows_of("a,b\n\"say \\\"hi\\\"\",x\\,y\n\\N,\"\\\\\"\n",
                      {{"escape", "\\"}, {"null_values", "\\N"}}),
              ElementsAre("say \"hi\"|x,y", "null|\\"));
  const SourceError error = error_of({.bytes = "a,b\n1,x\\", .options = {{"escape_char", "\\"}}});
  EXPECT_EQ(error.kind, ErrorKind::Parse);
}

TEST(CsvDialect, EndsLinesAtAnyByte) {
  EXPECT_THAT(rows_of("a,b;1,\"x;y\";2,z\n\r;", {{"eol_char", ";"}}),
              ElementsAre("1|x;y", "2|z\n\r"));
  EXPECT_THAT(rows_of("a,b\r1,x\ny\r", {{"new_line", "\\r"}}), ElementsAre("1|x\ny"));
  EXPECT_THAT(rows_of("a,b\r\n1,x\r\n", {{"new_line", "\\r\\n"}}), ElementsAre("1|x"));
}

// Whatever blocks end in, the rows are the same, a delimiter or an escape included.
TEST(CsvDialect, RowsDoNotDependOnWhereBlocksEnd) {
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

TEST(CsvDialect, ARowLongerThanMaxLineSizeIsAnErrorWhereverBlocksEnd) {
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
TEST(CsvDialect, SkipsRowsOrLines) {
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

// Whatever is in the file, and however it is cut: as many rows, the same places, the same errors.
TEST(CsvDialect, CountsTheRowsThatItWouldDeliver) {
  const std::vector<std::pair<std::string, std::map<std::string, std::string>>> files = {
      {kSample, {}},
      {"a\n\n\r\n1\n\n2", {}},
      {"a,b\n#c\n1,2\n\n#\n\r\n3,4\n#5,6", {{"comment_char", "#"}}},
      {"a,b\n1,2\n3\n4,5\n", {}},
      {"a,b\n1,2\n3,4,5\n4,5\n", {}},
      {"a,b\n1,2\n3,x\"y\"\n4,5\n", {}},
      {"a,b\n1,2\n3,\"x\n4,5\n", {}},
      {"a||b\n1||2\n3||4\n", {{"delimiter", "||"}}},
      {"a,b\n1,2\n3\\,,\"\\\"\"\n", {{"escape_char", "\\"}}},
      {"a,b\n1,2\n3,4444\n", {{"max_line_size", "5"}}},
  };
  for (const auto& [bytes, options] : files) {
    for (std::int64_t block = 1; block < 100; block += block < 8 ? 1 : 13) {
      for (std::int64_t max_rows = 1; max_rows < 4; ++max_rows) {
        Reading reading{
            .bytes = bytes, .options = options, .block_bytes = block, .max_rows = max_rows};
        const Outcome whole = read_all(reading);
        reading.request.columns = std::vector<std::string>{};
        const Outcome counted = read_all(reading);
        EXPECT_EQ(counted.positions, whole.positions) << bytes << " in blocks of " << block;
        EXPECT_EQ(counted.chunk_rows, whole.chunk_rows) << bytes;
        ASSERT_EQ(counted.error.has_value(), whole.error.has_value()) << bytes;
        if (whole.error) {
          EXPECT_EQ(counted.error->to_string(), whole.error->to_string());
        }
      }
    }
  }
}

}  // namespace
}  // namespace polarway::csv
