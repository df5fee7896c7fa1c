#include "formats/csv/csv_decoder.h"

#include <arrow/memory_pool.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/csv_reading.h"

namespace polarway::csv {
namespace {

using csv::testing::append_rows;
using csv::testing::error_of;
using csv::testing::make_context;
using csv::testing::MemoryStream;
using csv::testing::Outcome;
using csv::testing::read_all;
using csv::testing::Reading;
using csv::testing::rows_of;
using csv::testing::types_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Table = ::polarway::testing::Rows;

// Quotes, quoted line ends, doubled quotes, CRLF among LF, UTF-8, blank lines, no final line end.
const char kSample[] =
    "id,name,note,score\n"
    "1,Ada,\"one, two\",1.5\r\n"
    "2,\"Zo\xC3\xAB \"\"Z\"\" \xE2\x82\xAC\",\"line\r\nbreak\",\n"
    "\n"
    "3,,\"\",-0.25\r\n"
    "4,\"\"\"\",\xF0\x9F\x8E\x88,1e3\n"
    "5,plain,a \"b\" c,2";

const Table kSampleRows = {"1|Ada|one, two|1.5",
                           "2|Zo\xC3\xAB \"Z\" \xE2\x82\xAC|line\r\nbreak|null", "3|null||-0.25",
                           "4|\"|\xF0\x9F\x8E\x88|1000", "5|plain|a \"b\" c|2"};

TEST(CsvDecoder, ReadsWhatRfc4180AndRealFilesHave) { EXPECT_EQ(rows_of(kSample), kSampleRows); }

TEST(CsvDecoder, RowsDoNotDependOnWhereBytesAreCut) {
  for (std::size_t cut = 1; cut < sizeof kSample; ++cut) {
    EXPECT_EQ(read_all({.bytes = kSample, .cut = cut}).rows, kSampleRows) << "cut every " << cut;
    EXPECT_EQ(read_all({.bytes = kSample, .cut = cut, .seekable = false}).rows, kSampleRows);
  }
}

TEST(CsvDecoder, RowsDoNotDependOnWhereBlocksEnd) {
  for (std::int64_t block = 1; block <= 130; ++block) {
    EXPECT_EQ(read_all({.bytes = kSample, .block_bytes = block}).rows, kSampleRows)
        << "blocks of " << block;
  }
}

TEST(CsvDecoder, RowsDoNotDependOnTheSizeOfChunks) {
  for (std::int64_t max_rows = 1; max_rows < 8; ++max_rows) {
    const Outcome outcome = read_all({.bytes = kSample, .max_rows = max_rows});
    EXPECT_EQ(outcome.rows, kSampleRows);
    for (const std::int64_t rows : outcome.chunk_rows) EXPECT_LE(rows, max_rows);
  }
  for (std::int64_t max_bytes = 200; max_bytes < 1000; max_bytes += 50) {
    EXPECT_EQ(read_all({.bytes = kSample, .max_bytes = max_bytes}).rows, kSampleRows);
  }
}

TEST(CsvDecoder, GivesBackAllItsMemory) {
  EXPECT_EQ(read_all({.bytes = kSample}).pool_bytes_left, 0);
  EXPECT_EQ(read_all({.bytes = std::string(kSample) + "\n1,2"}).pool_bytes_left, 0);
}

TEST(CsvDecoder, GoesOnAfterAnyPositionExactly) {
  const Outcome whole = read_all({.bytes = kSample, .max_rows = 1});
  ASSERT_EQ(whole.positions.size(), kSampleRows.size());
  for (std::size_t i = 0; i < whole.positions.size(); ++i) {
    Reading rest{.bytes = kSample, .max_rows = 2};
    rest.request.resume_from = whole.positions[i];
    EXPECT_EQ(read_all(rest).rows,
              Table(kSampleRows.begin() + static_cast<std::ptrdiff_t>(i) + 1, kSampleRows.end()));
  }
}

TEST(CsvDecoder, RefusesAPositionOfAnotherFile) {
  Reading rest{.bytes = std::string(kSample) + "\n"};
  rest.request.resume_from = read_all({.bytes = kSample, .max_rows = 1}).positions[0];
  EXPECT_EQ(error_of(rest).kind, ErrorKind::Changed);
  rest.request.resume_from = "{\"byte\":-1}";
  EXPECT_EQ(error_of(rest).kind, ErrorKind::Config);
}

TEST(CsvDecoder, SplitsTogetherAreTheWhole) {
  std::string bytes = "n,text\n";
  for (int i = 0; i < 200; ++i)
    bytes += std::to_string(i) + ",\"a\n\"\"" + std::to_string(i) + "\"\n";
  const Table whole = rows_of(bytes);
  for (int n = 1; n < 9; ++n) {
    const Context context = make_context(64 << 20);
    auto decoder = make_csv_decoder({}, 512);
    ASSERT_TRUE(decoder->open(std::make_unique<MemoryStream>(bytes), {}, context));
    const auto splits = decoder->splits(n);
    ASSERT_TRUE(splits);
    EXPECT_EQ(splits->size(), static_cast<std::size_t>(n));
    Table joined;
    for (const Split& split : *splits) {
      Reading piece{.bytes = bytes, .max_rows = 7};
      piece.request.split = split;
      const Outcome outcome = read_all(piece);
      EXPECT_FALSE(outcome.error);
      joined.insert(joined.end(), outcome.rows.begin(), outcome.rows.end());
      // And a split goes on after a position within it.
      piece.request.resume_from = outcome.positions.front();
      const Table rest = read_all(piece).rows;
      EXPECT_EQ(rest.size() + static_cast<std::size_t>(outcome.chunk_rows.front()),
                outcome.rows.size());
    }
    EXPECT_EQ(joined, whole);
  }
}

TEST(CsvDecoder, EndsLinesByLoneCarriageReturnsWhereNoLineFeedIs) {
  EXPECT_THAT(rows_of("a,b\r1,2\r3,4\r"), ElementsAre("1|2", "3|4"));
}

TEST(CsvDecoder, DropsAByteOrderMark) {
  EXPECT_EQ(types_of("\xEF\xBB\xBF"
                     "a,b\n1,2\n"),
            "int64 int64");
}

TEST(CsvDecoder, InfersTypes) {
  EXPECT_EQ(types_of("a,b,c,d,e,f,g\n"
                     "1,1.5,true,2024-02-29,2024-02-29T12:00:00,2024-02-29 12:00:00.5Z,x\n"
                     ",,,,,,\n"
                     "-2,1e3,False,1999-12-31,1999-12-31 23:59,1999-12-31T23:59:59+01:00,\n"),
            "int64 double bool date32[day] timestamp[us] timestamp[us, tz=UTC] string");
  EXPECT_EQ(types_of("a,b\n,\n"), "string string");
  EXPECT_EQ(types_of("a\n1\n2.5\n"), "double");
}

TEST(CsvDecoder, InfersTextWhereANumberWouldLoseSomething) {
  EXPECT_EQ(types_of("zip,id,big,odd\n01234,12345678901234567890,9007199254740993,2024-02-30\n"
                     "99999,1,1.5,2024-01-01\n"),
            "string string string string");
}

TEST(CsvDecoder, RefusesAValueThatItsColumnCannotHold) {
  for (const auto& [header, value, type] : std::vector<std::array<const char*, 3>>{
           {"a", "1x", "int64"},
           {"a", "9223372036854775808", "int64"},
           {"a", "1e5", "int64"},
           {"a", "9007199254740993", "float64"},
           {"a", "1e400", "float64"},
           {"a", "2024-02-30", "date"},
           {"a", "0000-00-00", "date"},
           {"a", "2024-01-01T24:00:00", "timestamp[us]"},
           {"a", "2024-01-01T00:00:00Z", "timestamp[us]"},
           {"a", "2024-01-01T00:00:00.1234567", "timestamp[us]"},
           {"a", "yes", "bool"}}) {
    const SourceError error =
        error_of({.bytes = std::string("b,a\n1,\n2,") + value + "\n",
                  .options = {{"schema", std::string("{\"a\":\"") + type + "\"}"}}});
    EXPECT_EQ(error.kind, ErrorKind::Schema) << value;
    EXPECT_EQ(error.where.row, 2) << value;
    EXPECT_EQ(error.where.byte_offset, 9) << value;
    EXPECT_EQ(error.where.column, "a");
    EXPECT_THAT(error.to_string(), HasSubstr(value));
    EXPECT_THAT(error.to_string(), HasSubstr(type));
  }
}

TEST(CsvDecoder, RefusesLeadingZerosInAColumnThatWasGuessedToBeNumeric) {
  std::string bytes = "a\n";
  for (int i = 0; i < 20; ++i) bytes += "1\n";
  const std::map<std::string, std::string> short_sample = {{"infer_schema_length", "5"}};
  EXPECT_EQ(error_of({.bytes = bytes + "007\n", .options = short_sample}).where.row, 21);
  // Who pins the type wants the number.
  EXPECT_THAT(rows_of("a\n007\n", {{"schema", "{\"a\":\"int64\"}"}}), ElementsAre("7"));
}

TEST(CsvDecoder, ReadsExtremesExactly) {
  EXPECT_THAT(rows_of("a\n9223372036854775807\n-9223372036854775808\n+5\n-0\n"),
              ElementsAre("9223372036854775807", "-9223372036854775808", "5", "0"));
  EXPECT_THAT(rows_of("a\n0000-01-01\n9999-12-31\n"), ElementsAre("0000-01-01", "9999-12-31"));
}

TEST(CsvDecoder, TellsNullsFromEmptyText) {
  EXPECT_THAT(rows_of("a,b\n,1\n\"\",\n"), ElementsAre("null|1", "|null"));
  EXPECT_THAT(rows_of("a,b\nNA,1\nx,NULL\n", {{"null_values", "NA,NULL"}}),
              ElementsAre("null|1", "x|null"));
  EXPECT_THAT(rows_of("a\nx\n\ny\n"), ElementsAre("x", "null", "y"));  // one column: a null row
}

TEST(CsvDecoder, IgnoresBlanksAroundNumbersOnly) {
  EXPECT_THAT(rows_of("a,b\n 1 , x \n", {{"schema", "{\"a\":\"int64\"}"}}), ElementsAre("1| x "));
}

TEST(CsvDecoder, KeepsNulBytesAsTheyAre) {
  const std::string bytes("a,b\n1,x\0y\n", 10);
  const Outcome outcome = read_all({.bytes = bytes});
  EXPECT_THAT(outcome.rows, ElementsAre(std::string("1|x\0y", 5)));
}

TEST(CsvDecoder, ReadsLatin1) {
  EXPECT_THAT(rows_of("n\xE4me\n\xE9t\xE9\n", {{"encoding", "latin1"}}),
              ElementsAre("\xC3\xA9t\xC3\xA9"));
  EXPECT_EQ(read_all({.bytes = "n\xE4me\nx\n", .options = {{"encoding", "latin1"}}})
                .schema->field(0)
                ->name(),
            "n\xC3\xA4me");
}

TEST(CsvDecoder, RefusesInvalidUtf8AtItsByte) {
  const SourceError error = error_of({.bytes = "a,b\n1,ok\n2,x\xFFy\n"});
  EXPECT_EQ(error.kind, ErrorKind::Parse);
  EXPECT_EQ(error.where.row, 2);
  EXPECT_EQ(error.where.byte_offset, 12);
  EXPECT_EQ(error.where.column, "b");
  EXPECT_THAT(read_all({.bytes = "a,b\n1,ok\n2,x\xFFy\n"}).rows, ElementsAre("1|ok"));
}

TEST(CsvDecoder, ReplacesInvalidUtf8WhereAsked) {
  // A byte of its own, a cut sequence, a surrogate, an overlong form: as Python replaces them.
  EXPECT_THAT(
      rows_of("a\nx\xFFy\n\xE2\x82z\n\xED\xA0\x80\n\xC0\xAF\n", {{"encoding", "utf-8-lossy"}}),
      ElementsAre("x\xEF\xBF\xBDy", "\xEF\xBF\xBDz", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
                  "\xEF\xBF\xBD\xEF\xBF\xBD"));
}

TEST(CsvDecoder, RowsBeforeAnErrorAreGood) {
  for (std::int64_t max_rows = 1; max_rows < 5; ++max_rows) {
    const Outcome ragged = read_all({.bytes = "a,b\n1,2\n3,4\n5\n6,7\n", .max_rows = max_rows});
    EXPECT_THAT(ragged.rows, ElementsAre("1|2", "3|4"));
    EXPECT_EQ(ragged.error->where.row, 3);
    EXPECT_EQ(ragged.error->where.byte_offset, 12);
    const Outcome open = read_all({.bytes = "a,b\n1,2\n3,\"4\n5,6\n", .max_rows = max_rows});
    EXPECT_THAT(open.rows, ElementsAre("1|2"));
    EXPECT_EQ(open.error->kind, ErrorKind::Parse);
    EXPECT_EQ(open.error->where.row, 2);
    EXPECT_EQ(open.error->where.byte_offset, 8);
  }
}

TEST(CsvDecoder, SaysWhichRowIsFirstWhenSeveralAreBad) {
  const SourceError error =
      error_of({.bytes = "a,b\n1,1\n2,x\ny,2\n4\n",
                .options = {{"schema", "{\"a\":\"int64\",\"b\":\"int64\"}"}}});
  EXPECT_EQ(error.where.row, 2);
  EXPECT_EQ(error.where.column, "b");
}

TEST(CsvDecoder, RefusesTextAfterAClosingQuote) {
  const SourceError error = error_of({.bytes = "a,b\n1,\"x\"y\n"});
  EXPECT_EQ(error.kind, ErrorKind::Parse);
  EXPECT_THAT(error.message, HasSubstr("closing quote"));
}

TEST(CsvDecoder, ReadsStrayQuotesInUnquotedFieldsAsText) {
  EXPECT_THAT(rows_of("a,b\n5\" pipe,x\n6,y\"\n"), ElementsAre("5\" pipe|x", "6|y\""));
}

TEST(CsvDecoder, HeaderWithoutRowsIsNoError) {
  EXPECT_TRUE(rows_of("a,b\n").empty());
  EXPECT_TRUE(rows_of("a,b").empty());
}

TEST(CsvDecoder, CountsEveryByteOnce) {
  for (const std::int64_t block : {std::int64_t{16}, kBlockBytes}) {
    const Context context = make_context(64 << 20);
    auto decoder = make_csv_decoder({}, block);
    ASSERT_TRUE(decoder->open(std::make_unique<MemoryStream>(kSample), {}, context));
    while (*decoder->read({.max_rows = 2, .max_bytes = 1 << 20, .stop = {}})) {
    }
    EXPECT_EQ(decoder->bytes_read(), static_cast<std::int64_t>(sizeof kSample - 1));
  }
}

TEST(CsvDecoder, NothingAtAllIsEmptySource) {
  EXPECT_EQ(error_of({.bytes = ""}).kind, ErrorKind::EmptySource);
  EXPECT_EQ(error_of({.bytes = "\n\r\n\n"}).kind, ErrorKind::EmptySource);
}

TEST(CsvDecoder, ReadsOnlyTheColumnsWanted) {
  Reading reading{.bytes = "a,b,c\n1,2,3\n4,5,6\n"};
  reading.request.columns = std::vector<std::string>{"c", "a"};
  EXPECT_THAT(read_all(reading).rows, ElementsAre("3|1", "6|4"));
  reading.request.filter = col("b") > 3;
  EXPECT_THAT(read_all(reading).rows, ElementsAre("6|4"));
  reading.request.columns = std::vector<std::string>{"aa"};
  EXPECT_THAT(error_of(reading).to_string(), HasSubstr("did you mean"));
}

TEST(CsvDecoder, CountsRowsWithoutColumns) {
  Reading reading{.bytes = kSample, .max_rows = 2};
  reading.request.columns = std::vector<std::string>{};
  const Outcome outcome = read_all(reading);
  EXPECT_EQ(outcome.rows.size(), kSampleRows.size());
  EXPECT_EQ(outcome.schema->num_fields(), 0);
}

// Whatever is in the file, and however it is cut: as many rows, the same places, the same errors.
TEST(CsvDecoder, CountsTheRowsThatItWouldDeliver) {
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

TEST(CsvDecoder, SchemaNamesColumnsThatAreThere) {
  EXPECT_EQ(types_of("a,b\n1,2\n", {{"schema", "{\"b\":\"string\"}"}}), "int64 string");
  const SourceError error =
      error_of({.bytes = "age,b\n", .options = {{"schema", "{\"aeg\":\"int64\"}"}}});
  EXPECT_EQ(error.kind, ErrorKind::Schema);
  EXPECT_THAT(error.to_string(), HasSubstr("age"));
  EXPECT_EQ(error_of({.bytes = "1,2\n",
                      .options = {{"has_header", "false"}, {"schema", "{\"a\":\"int64\"}"}}})
                .kind,
            ErrorKind::Schema);
}

TEST(CsvDecoder, ARowLargerThanAChunkSaysWhatItNeeds) {
  const std::string bytes = "a,b\n1," + std::string(100'000, 'x') + "\n2,y\n";
  const SourceError error = error_of({.bytes = bytes, .max_bytes = 50'000});
  EXPECT_EQ(error.kind, ErrorKind::MemoryLimit);
  EXPECT_EQ(error.where.row, 1);
  ASSERT_TRUE(error.memory);
  const Outcome outcome = read_all({.bytes = bytes, .max_bytes = error.memory->needed_bytes});
  EXPECT_EQ(outcome.rows.size(), 2u);
}

TEST(CsvDecoder, ARowLargerThanTheBudgetIsMemoryLimit) {
  const std::string bytes = "a,b\n1,2\n1,\"" + std::string(8 << 20, 'x') + "\n2,y\n";
  const SourceError error = error_of({.bytes = bytes, .limit_bytes = 4 << 20});
  EXPECT_EQ(error.kind, ErrorKind::MemoryLimit);
  EXPECT_EQ(error.where.row, 2);
  EXPECT_EQ(error.where.byte_offset, 8);
  EXPECT_THAT(error.hint, HasSubstr("quote"));
}

TEST(CsvDecoder, EveryReadMayFailAndNothingIsLost) {
  for (const ErrorKind kind : {ErrorKind::Network, ErrorKind::Io}) {
    for (int nth = 0;; ++nth) {
      const Context context = make_context(64 << 20);
      auto decoder = make_csv_decoder({}, 16);
      auto stream = std::make_unique<MemoryStream>(
          kSample, 7, true, MemoryStream::Faults{.fail_read = nth, .kind = kind});
      const MemoryStream& faulty = *stream;
      auto plan = decoder->open(std::move(stream), {}, context);
      if (!plan) continue;  // failed while it looked at the sample
      Table rows;
      std::optional<SourceError> error;
      for (;;) {
        auto batch = decoder->read({.max_rows = 2, .max_bytes = 1 << 20, .stop = {}});
        if (!batch) {
          error = batch.error();
          if (batch.error().retryable()) continue;
          break;
        }
        if (!*batch) break;
        append_rows(*(*batch)->rows, rows);
      }
      if (kind == ErrorKind::Network || !error) {
        EXPECT_EQ(rows, kSampleRows);
      } else {
        EXPECT_EQ(error->kind, kind);
        EXPECT_EQ(rows, Table(kSampleRows.begin(),
                              kSampleRows.begin() + static_cast<std::ptrdiff_t>(rows.size())));
      }
      if (faulty.num_reads() <= nth) break;  // ran past the last read
    }
  }
}

}  // namespace
}  // namespace polarway::csv
