#include "formats/json/json_decoder.h"

#include <arrow/memory_pool.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/json_reading.h"

namespace polarway::json {
namespace {

using testing::error_of;
using testing::make_context;
using testing::MemoryStream;
using testing::Outcome;
using testing::read_all;
using testing::Reading;
using testing::Rows;
using testing::rows_of;
using testing::types_of;
using Options = std::map<std::string, std::string>;

// Objects of all kinds, as values, lines and one array.
std::vector<std::string> many_records() {
  std::vector<std::string> records;
  for (int i = 0; i < 500; ++i) {
    std::string record = "{\"n\":" + std::to_string(i) + ",\"text\":\"" +
                         std::string(static_cast<std::size_t>(i % 70), 'a') + "\\n\\u00e9\"";
    if (i % 3 != 0) record += ",\"list\":[1,2,{\"x\":[" + std::to_string(i) + ",null]}]";
    if (i % 5 != 0) record += ",\"object\":{\"a\":true,\"b\":{\"c\":" + std::to_string(i) + ".5}}";
    records.push_back(record + "}");
  }
  return records;
}

std::string joined(const std::vector<std::string>& records, const std::string& between) {
  std::string text;
  for (const std::string& record : records) text += (text.empty() ? "" : between) + record;
  return text;
}

TEST(JsonDecoder, LinesValuesAndAnArrayAreTheSameRows) {
  const auto records = many_records();
  const Rows lines = rows_of(joined(records, "\n"), {{"format", "lines"}});
  EXPECT_EQ(lines.size(), 500u);
  EXPECT_EQ(rows_of(joined(records, "\r\n\r\n"), {{"format", "lines"}}), lines);
  EXPECT_EQ(rows_of(joined(records, "")), lines);
  EXPECT_EQ(rows_of("\xEF\xBB\xBF [ " + joined(records, " ,\n ") + " ]\n"), lines);
}

// As of a file behind others: its columns are wanted, and the values of those that are known are
// for whoever reads the rows.
TEST(JsonDecoder, OfWhatIsKnownOnlyTheNamesAreSampled) {
  const std::string text = "{\"a\":1}\n{\"a\":01}\n{\"a\":\"x\",\"b\":{\"a\":1}}";
  const Schema known(arrow::schema({arrow::field("a", arrow::int64())}));
  const auto columns = [&](const Schema& schema) {
    const auto decoder = make_json_decoder(JsonOptions());
    const auto found = decoder->start(std::make_unique<MemoryStream>(text, text.size(), true),
                                      schema, make_context(64 << 20));
    EXPECT_TRUE(found);
    std::vector<std::string> fields;
    for (const auto& field : found.value_or(Schema()).arrow()->fields()) {
      fields.push_back(field->ToString());
    }
    return fields;
  };
  EXPECT_EQ(columns(Schema()), (std::vector<std::string>{"a: int64"}));  // up to what is no JSON
  // What has the name of a known field within another is not known.
  EXPECT_EQ(columns(known), (std::vector<std::string>{"a: int64", "b: struct<a: int64>"}));
}

TEST(JsonDecoder, NoRowDependsOnBlocksPiecesOrChunks) {
  const std::string text = "[" + joined(many_records(), ",") + "]";
  const Rows rows = rows_of(text);
  for (const std::int64_t block_bytes : {1, 64, 1000}) {
    for (const std::size_t cut : {std::size_t{1}, std::size_t{777}}) {
      EXPECT_EQ(read_all({.bytes = text, .block_bytes = block_bytes, .cut = cut}).rows, rows);
    }
  }
  for (const std::int64_t max_rows : {1, 7, 499}) {
    EXPECT_EQ(read_all({.bytes = text, .max_rows = max_rows}).rows, rows);
  }
  for (const std::int64_t max_bytes : {3'000, 20'000}) {
    const Outcome outcome = read_all({.bytes = text, .max_bytes = max_bytes});
    EXPECT_EQ(outcome.rows, rows);
    EXPECT_GE(outcome.chunk_rows.size(), 3u);
    EXPECT_EQ(outcome.pool_bytes_left, 0);
  }
  EXPECT_EQ(read_all({.bytes = text, .seekable = false}).rows, rows);
}

TEST(JsonDecoder, AByteOrderMarkMayComeByteByByte) {
  const Outcome outcome = read_all({.bytes = "\xEF\xBB\xBF"
                                             "12 13",
                                    .block_bytes = 1,
                                    .cut = 1});
  EXPECT_EQ(outcome.rows, rows_of("12 13"));
  EXPECT_FALSE(outcome.error);
}

TEST(JsonDecoder, RowsBeforeWhatIsNoRecordComeFirst) {
  const Options options = {{"infer_schema_length", "1"}, {"max_depth", "2"}};
  const std::map<std::string, std::string> messages = {
      {"[1,2,[[3]]]", "max_depth"},
      {"[1,2,[3", "ends within"},
      {"[1,2,}", "no record can begin"},
      {"[1,2,\"3", "ends within"},
  };
  for (const auto& [bytes, message] : messages) {
    const Outcome outcome = read_all({.bytes = bytes, .options = options});
    EXPECT_EQ(outcome.rows.size(), 2u) << bytes;
    ASSERT_TRUE(outcome.error) << bytes;
    EXPECT_EQ(outcome.error->kind, ErrorKind::Parse) << bytes;
    EXPECT_EQ(outcome.error->where.row, 3) << bytes;
    EXPECT_NE(outcome.error->message.find(message), std::string::npos) << outcome.error->message;
  }
}

TEST(JsonDecoder, TypesAreTheNarrowestThatHoldAllValuesExactly) {
  EXPECT_EQ(types_of(R"({"a":1}{"a":-2})"), "int64");
  EXPECT_EQ(types_of(R"({"a":1}{"a":18446744073709551615})"), "uint64");
  EXPECT_EQ(types_of(R"({"a":-1}{"a":18446744073709551615})"), "string");
  EXPECT_EQ(types_of(R"({"a":18446744073709551616})"), "string");
  EXPECT_EQ(types_of(R"({"a":1}{"a":2.5})"), "float64");
  EXPECT_EQ(types_of(R"({"a":9007199254740993}{"a":2.5})"), "string");
  EXPECT_EQ(types_of(R"({"a":1e400})"), "string");
  EXPECT_EQ(types_of(R"({"a":true}{"a":null})"), "bool");
  EXPECT_EQ(types_of(R"({"a":true}{"a":1})"), "string");
  EXPECT_EQ(types_of(R"({"a":null})"), "string");
  EXPECT_EQ(types_of(R"({"a":[1,null]}{"a":[]}{"a":[2.5]})"), "list[float64]");
  EXPECT_EQ(types_of(R"({"a":[]})"), "list[string]");
  EXPECT_EQ(types_of(R"({"a":{"b":1}}{"a":{"c":[{}]}})"), "struct[b: int64, c: list[struct[]]]");
  EXPECT_EQ(types_of(R"({"a":"2024-01-01"})"), "string");
  EXPECT_EQ(types_of(R"({"a":"2024-01-01","b":"2024-01-01T00:00:00","c":"2024-01-01T00:00:00Z"})",
                     {{"try_parse_dates", "true"}}),
            "date timestamp[us] timestamp[us, UTC]");
}

TEST(JsonDecoder, ValuesOfSeveralKindsAreTextAsTheyAreWritten) {
  EXPECT_EQ(rows_of(R"({"a":1.50}{"a":"x\ny"}{"a":{"b": [1]}}{"a":true}{"a":null})"),
            (Rows{"1.50", "x\ny", R"({"b": [1]})", "true", "null"}));
  EXPECT_EQ(rows_of(R"({"a":18446744073709551616})"), Rows{"18446744073709551616"});
}

TEST(JsonDecoder, NumbersAreExactOrRefused) {
  EXPECT_EQ(rows_of(R"({"a":9007199254740993}{"a":-9223372036854775808})"),
            (Rows{"9007199254740993", "-9223372036854775808"}));
  const Options short_sample = {{"infer_schema_length", "1"}};
  for (const char* late : {"1.0", "9223372036854775808", "\"1\"", "true", "[1]", "{}", "1e3"}) {
    const SourceError error =
        error_of({.bytes = std::string(R"({"a":1}{"a":)") + late + "}", .options = short_sample});
    EXPECT_EQ(error.kind, ErrorKind::Schema) << late;
    EXPECT_EQ(error.where.row, 2);
    EXPECT_EQ(error.where.byte_offset, 12);
    EXPECT_EQ(error.where.column, "a");
  }
  EXPECT_EQ(error_of({.bytes = R"({"a":1.5}{"a":9007199254740993})", .options = short_sample}).kind,
            ErrorKind::Schema);
  for (const char* none : {"NaN", "Infinity", "-Infinity", "01", "+1", ".5", "1.", "0x1", "nul"}) {
    EXPECT_EQ(error_of({.bytes = std::string("{\"a\":") + none + "}"}).kind, ErrorKind::Parse)
        << none;
  }
}

TEST(JsonDecoder, WhatIsPinnedIsReadAsSuch) {
  EXPECT_EQ(rows_of(R"({"a":1,"b":"2024-02-29","c":12.50,"d":"0.1","e":"23:59:59"})",
                    {{"schema", R"j({"a":"uint8","b":"date","c":"decimal(9,2)",)j"
                                R"j("d":"decimal(9,2)","e":"time64[us]","late":"int64"})j"}}),
            Rows{"1|2024-02-29|12.50|0.10|23:59:59.000000|null"});
  EXPECT_EQ(rows_of(R"({"a":[1, 2],"b":7})",
                    {{"schema", R"({"a":"string"})"}, {"schema_overrides", R"({"b":"float64"})"}}),
            Rows{"[1, 2]|7"});
  EXPECT_EQ(error_of({.bytes = R"({"a":256})", .options = {{"schema", R"({"a":"uint8"})"}}}).kind,
            ErrorKind::Schema);
  EXPECT_EQ(error_of({.bytes = R"({"a":"x"})", .options = {{"schema", R"({"a":"binary"})"}}}).kind,
            ErrorKind::Config);
}

TEST(JsonDecoder, AFieldTheSampleHasNotIsAnErrorThatNamesIt) {
  const SourceError error = error_of(
      {.bytes = R"({"a":{"b":1}}{"a":{"c":1}})", .options = {{"infer_schema_length", "1"}}});
  EXPECT_EQ(error.kind, ErrorKind::Schema);
  EXPECT_NE(error.message.find("\"c\""), std::string::npos);
  EXPECT_EQ(error.where.column, "a");
}

TEST(JsonDecoder, ErrorsSayThePlaceWithinTheRecord) {
  const SourceError error =
      error_of({.bytes = R"({"a":[{"b":1},{"b":"x"}]})",
                .options = {{"schema", R"({"a":"list[struct[b: int64]]"})"}}});
  EXPECT_EQ(error.where.column, "a[1].b");
  EXPECT_EQ(error.where.row, 1);
  EXPECT_EQ(error.where.byte_offset, 19);
  EXPECT_EQ(error.where.location, "memory.csv");
}

TEST(JsonDecoder, RowsBeforeAnErrorAreDelivered) {
  const Outcome outcome = read_all({.bytes = "{\"a\":1}\n{\"a\":2}\n{\"a\":}\n{\"a\":4}\n"});
  EXPECT_EQ(outcome.rows, (Rows{"1", "2"}));
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind, ErrorKind::Parse);
  EXPECT_EQ(outcome.error->where.row, 3);
}

TEST(JsonDecoder, RejectLeavesOutWhatIsNoRowAndReportsIt) {
  const Outcome outcome = read_all(
      {.bytes = "{\"a\":1}\n{\"a\":\n{\"a\":\"x\"}\n{\"b\":1}\n{\"a\":5}\n",
       .options = {
           {"format", "lines"}, {"infer_schema_length", "1"}, {"on_schema_change", "reject"}}});
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.rows, (Rows{"1", "5"}));
  ASSERT_EQ(outcome.rejects.size(), 3u);
  EXPECT_EQ(outcome.rejects[0].where.row, 2);
  EXPECT_EQ(outcome.rejects[1].raw, "{\"a\":\"x\"}");
  EXPECT_EQ(outcome.rejects[2].where.row, 4);
}

TEST(JsonDecoder, MoreRejectsThanAllowedAreAnErrorThatNamesTheRecord) {
  const Reading reading{.bytes = "{\"a\":1}\n{\"a\":\"x\"}\n{\"a\":2}\n{\"a\":\"y\"}\n",
                        .options = {{"format", "lines"},
                                    {"infer_schema_length", "1"},
                                    {"on_schema_change", "reject"},
                                    {"max_rejects", "1"}}};
  const Outcome outcome = read_all(reading);
  EXPECT_EQ(outcome.rows, (Rows{"1", "2"}));
  EXPECT_EQ(outcome.rejects.size(), 1u);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind, ErrorKind::Parse);
  EXPECT_EQ(outcome.error->where.row, 4);
  EXPECT_NE(outcome.error->message.find("max_rejects=1"), std::string::npos);
}

TEST(JsonDecoder, OfANameThatIsThereTwiceTheLastValueCounts) {
  EXPECT_EQ(rows_of(R"({"a":1,"b":[1,2],"a":2,"b":[3]}{"a":3,"b":[4]})"),
            (Rows{"2|list<item: int64>[3]", "3|list<item: int64>[4]"}));
  EXPECT_EQ(error_of({.bytes = R"({"a":1,"a":2})", .options = {{"duplicate_keys", "error"}}}).kind,
            ErrorKind::Parse);
}

TEST(JsonDecoder, NamesAreWhatTheirEscapesMean) {
  EXPECT_EQ(rows_of(R"({"a":1,"q\"":2}{"\u0061":3,"q\u0022":4})"), (Rows{"1|2", "3|4"}));
}

TEST(JsonDecoder, FieldsInAnyOrderAreTheSameColumns) {
  EXPECT_EQ(rows_of(R"({"a":1,"b":2,"c":3}{"c":6,"a":4}{"b":8,"c":9,"a":7}{})"),
            (Rows{"1|2|3", "4|null|6", "7|8|9", "null|null|null"}));
}

TEST(JsonDecoder, FlattenMakesColumnsOfFieldsWithinFields) {
  const std::string text = R"({"a":{"b":1,"c":{"d":[2]}},"e":3}{"a":null}{"e":4})";
  const Outcome outcome = read_all({.bytes = text, .options = {{"flatten", "true"}}});
  EXPECT_EQ(outcome.schema->field_names(), (std::vector<std::string>{"a.b", "a.c.d", "e"}));
  EXPECT_EQ(outcome.rows, (Rows{"1|list<item: int64>[2]|3", "null|null|null", "null|null|4"}));
  EXPECT_EQ(rows_of(text, {{"flatten", "true"},
                           {"separator", "_"},
                           {"schema", R"({"a_b":"string","a_x":"int64"})"}}),
            (Rows{"1|list<item: int64>[2]|3|null", "null|null|null|null", "null|null|4|null"}));
  EXPECT_EQ(error_of({.bytes = R"({"a":{"b":1},"a.b":2})", .options = {{"flatten", "true"}}}).kind,
            ErrorKind::Config);
}

TEST(JsonDecoder, RecordsThatAreNoObjectsAreOneColumn) {
  EXPECT_EQ(rows_of("[1,2.5,null]"), (Rows{"1", "2.5", "null"}));
  EXPECT_EQ(rows_of("[[1],[],null]"),
            (Rows{"list<item: int64>[1]", "list<item: int64>[]", "null"}));
  EXPECT_EQ(rows_of("1 \"x\" [2]"), (Rows{"1", "x", "[2]"}));
  EXPECT_EQ(rows_of("[1,{\"a\":2},null]"), (Rows{"1", "{\"a\":2}", "null"}));
  EXPECT_EQ(error_of({.bytes = "{\"a\":1} 2"}).kind, ErrorKind::Schema);
}

TEST(JsonDecoder, OnlyWantedColumnsAreReadAndAnyOrderIsTheirs) {
  ScanRequest request;
  request.columns = {"c", "a"};
  const std::string text = R"({"a":1,"b":{"x":[1,2]},"c":"z"}{"b":null,"c":"y","a":2})";
  EXPECT_EQ(read_all({.bytes = text, .request = request}).rows, (Rows{"z|1", "y|2"}));
  request.columns = {"d"};
  EXPECT_EQ(error_of({.bytes = text, .request = request}).kind, ErrorKind::Config);
  request.columns.emplace();
  const Outcome counted = read_all({.bytes = text, .max_rows = 1, .request = request});
  EXPECT_EQ(counted.chunk_rows, (std::vector<std::int64_t>{1, 1}));
}

TEST(JsonDecoder, EveryPositionGoesOnWithTheNextRow) {
  const auto records = many_records();
  for (const std::string& text : {joined(records, "\n"), "[" + joined(records, ",\n") + "]"}) {
    const Outcome whole = read_all({.bytes = text, .max_rows = 41});
    std::size_t before = 0;
    for (std::size_t i = 0; i < whole.positions.size(); ++i) {
      before += static_cast<std::size_t>(whole.chunk_rows[i]);
      ScanRequest request;
      request.resume_from = whole.positions[i];
      const Outcome rest = read_all({.bytes = text, .request = request});
      EXPECT_FALSE(rest.error);
      EXPECT_EQ(rest.rows,
                Rows(whole.rows.begin() + static_cast<std::ptrdiff_t>(before), whole.rows.end()));
    }
  }
}

TEST(JsonDecoder, SplitsTogetherAreTheWhole) {
  const auto records = many_records();
  for (const std::string& text : {joined(records, "\n"), "[" + joined(records, ",\n") + "]"}) {
    const Rows whole = rows_of(text);
    for (const int num_splits : {1, 2, 7, 1000}) {
      auto decoder = make_json_decoder({});
      ASSERT_TRUE(decoder->open(std::make_unique<testing::MemoryStream>(text), {},
                                make_context(256 << 20)));
      const auto splits = decoder->splits(num_splits);
      ASSERT_TRUE(splits) << splits.error().to_string();
      EXPECT_GE(splits->size(), std::min<std::size_t>(400, static_cast<std::size_t>(num_splits)));
      Rows rows;
      for (const Split& split : *splits) {
        ScanRequest request;
        request.split = split;
        const Outcome outcome = read_all({.bytes = text, .request = request});
        EXPECT_FALSE(outcome.error);
        rows.insert(rows.end(), outcome.rows.begin(), outcome.rows.end());
      }
      EXPECT_EQ(rows, whole);
    }
  }
}

TEST(JsonDecoder, DepthIsLimitedWhereverItIs) {
  const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
  for (const char* format : {"auto", "lines", "values"}) {
    for (const std::string& text : {deep, "{\"a\":" + deep + "}", std::string(50'000, '[')}) {
      const SourceError error = error_of({.bytes = text, .options = {{"format", format}}});
      EXPECT_EQ(error.kind, ErrorKind::Parse) << format;
    }
  }
  EXPECT_EQ(rows_of(R"({"a":{"b":[1]}})", {{"max_depth", "3"}}).size(), 1u);
  EXPECT_EQ(error_of({.bytes = R"({"a":{"b":[1]}})", .options = {{"max_depth", "2"}}}).kind,
            ErrorKind::Parse);
}

TEST(JsonDecoder, NothingAtAllIsAnEmptySourceAndAnEmptyArrayATable) {
  EXPECT_EQ(error_of({.bytes = ""}).kind, ErrorKind::EmptySource);
  EXPECT_EQ(error_of({.bytes = "\xEF\xBB\xBF \n\n"}).kind, ErrorKind::EmptySource);
  EXPECT_EQ(rows_of("[]"), Rows());
  EXPECT_EQ(rows_of("[]", {{"schema", R"({"a":"int64"})"}}), Rows());
}

TEST(JsonDecoder, ATextThatIsCutOffIsNoEnd) {
  for (const char* text : {"[{\"a\":1},{\"a\":2}", "[{\"a\":1},{\"a\":2},",
                           "[{\"a\":1},{\"a\":", "{\"a\":1}{\"a\":\"x"}) {
    const Outcome outcome = read_all({.bytes = text});
    ASSERT_TRUE(outcome.error) << text;
    EXPECT_EQ(outcome.error->kind, ErrorKind::Parse);
    EXPECT_FALSE(outcome.rows.empty());
  }
}

TEST(JsonDecoder, TextMustBeUtf8AndWithoutControlCharacters) {
  EXPECT_EQ(error_of({.bytes = "{\"a\":\"\xFF\"}"}).kind, ErrorKind::Parse);
  EXPECT_EQ(error_of({.bytes = "{\"\xC3\":1}"}).kind, ErrorKind::Parse);
  EXPECT_EQ(error_of({.bytes = "{\"a\":\"\\ud800\"}"}).kind, ErrorKind::Parse);
  EXPECT_EQ(error_of({.bytes = "{\"a\":\"x\ty\"}"}).kind, ErrorKind::Parse);
  EXPECT_EQ(error_of({.bytes = "\"x\ty\""}).kind, ErrorKind::Parse);
}

TEST(JsonDecoder, SeveralValuesOnALineAreRefused) {
  const SourceError error =
      error_of({.bytes = "{\"a\":1} {\"a\":2}\n", .options = {{"format", "lines"}}});
  EXPECT_EQ(error.kind, ErrorKind::Parse);
  EXPECT_EQ(error.where.byte_offset, 8);
}

TEST(JsonDecoder, ARecordLargerThanTheLimitSaysWhichAndWhatItNeeds) {
  const std::string text = "{\"a\":\"x\"}{\"a\":\"" + std::string(4 << 20, 'x') + "\"}";
  const Outcome outcome = read_all({.bytes = text, .limit_bytes = 4 << 20});
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind, ErrorKind::MemoryLimit);
  EXPECT_EQ(outcome.error->where.row, 2);
  EXPECT_EQ(outcome.error->where.byte_offset, 9);
}

TEST(JsonDecoder, ARowLargerThanAChunkFitsInWhatItSaysItNeeds) {
  std::string list = "{\"a\":[";
  for (int i = 0; i < 100'000; ++i) list += (i == 0 ? "{}" : ",{\"b\":" + std::to_string(i) + "}");
  const std::string text = list + "],\"t\":\"" + std::string(300'000, 'x') + "\"}";
  auto decoder = make_json_decoder({});
  ASSERT_TRUE(
      decoder->open(std::make_unique<testing::MemoryStream>(text), {}, make_context(256 << 20)));
  const auto refused = decoder->read({.max_rows = 10, .max_bytes = 10'000, .stop = {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::MemoryLimit);
  ASSERT_TRUE(refused.error().memory);
  const std::int64_t needed = refused.error().memory->needed_bytes;
  EXPECT_GT(needed, 10'000);
  EXPECT_LT(needed, 4 << 20);
  const auto batch = decoder->read({.max_rows = 10, .max_bytes = needed, .stop = {}});
  ASSERT_TRUE(batch) << batch.error().to_string();
  EXPECT_EQ((**batch).rows->num_rows(), 1);
}

TEST(JsonDecoder, OptionsThatMakeNoSenseAreRefused) {
  EXPECT_EQ(parse_json_options({{"max_depth", "0"}}).error().kind, ErrorKind::Config);
  EXPECT_EQ(parse_json_options({{"n_rows", "-1"}}).error().kind, ErrorKind::Config);
  EXPECT_EQ(parse_json_options({{"format", "xml"}}).error().kind, ErrorKind::Config);
  EXPECT_EQ(
      error_of({.bytes = "1", .options = {{"infer_schema_length", "full"}}, .seekable = false})
          .kind,
      ErrorKind::Config);
}

TEST(JsonDecoder, NRowsEndsTheFile) {
  EXPECT_EQ(rows_of("[1,2,3,x", {{"n_rows", "2"}}), (Rows{"1", "2"}));
}

TEST(JsonDecoder, NamesAreTheirBytesWhateverTheyLookLike) {
  const Outcome outcome = read_all({.bytes = "{\"\":1,\"e\xCC\x81\":2,\"\xC3\xA9\":3}"});
  EXPECT_EQ(outcome.schema->field_names(), (std::vector<std::string>{"", "e\xCC\x81", "\xC3\xA9"}));
  EXPECT_EQ(outcome.rows, Rows{"1|2|3"});
  const std::string long_name(10 << 20, 'n');
  const std::string text = "{\"" + long_name + "\":1}";
  EXPECT_EQ(read_all({.bytes = text}).rows, Rows{"1"});
  EXPECT_EQ(error_of({.bytes = text, .limit_bytes = 4 << 20}).kind, ErrorKind::MemoryLimit);
}

TEST(JsonDecoder, FieldsWithoutEndAreAMemoryLimitThatSaysSo) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "{\"field" + std::to_string(i) + "\":1}\n";
  for (const char* length : {"full", "10000"}) {
    const SourceError error = error_of(
        {.bytes = text, .options = {{"infer_schema_length", length}}, .limit_bytes = 16 << 20});
    EXPECT_EQ(error.kind, ErrorKind::MemoryLimit);
    EXPECT_NE(error.message.find("fields"), std::string::npos) << error.message;
  }
}

TEST(JsonDecoder, WhatIsWrongInAColumnThatNobodyWantsIsPassedOver) {
  ScanRequest request;
  request.columns = {"a"};
  const Options options = {{"format", "lines"},
                           {"schema", R"({"a":"int64","b":"int64"})"},
                           {"infer_schema_length", "0"}};
  EXPECT_EQ(read_all({.bytes = "{\"a\":1,\"b\":nul}\n{\"b\":\"x\",\"a\":2}\n",
                      .options = options,
                      .request = request})
                .rows,
            (Rows{"1", "2"}));
  // But not what is wrong with the record.
  for (const char* record : {"{\"a\":1,\"b\":\"\xFF\"}", R"({"a":1,"b":[1})", R"({"a":1,"b":"x)"}) {
    EXPECT_EQ(error_of({.bytes = record, .options = options, .request = request}).kind,
              ErrorKind::Parse)
        << record;
  }
}

TEST(JsonDecoder, WhatFollowsARecordIsNoPartOfIt) {
  for (const char* text : {R"([["a":1]])", R"([["a":1],[2]])", R"([[1,"a":{"b":2}],[2]])",
                           R"([{"a":["b":1]}])", R"([{"a":"b":1}])", R"([{"a":"b":1},{"a":"c"}])",
                           R"([[{"":null},"":""{""[]""7},false],[]])"}) {
    for (const char* schema : {"none", R"({"a":"string","value":"string"})"}) {
      EXPECT_EQ(error_of({.bytes = text, .options = {{"schema", schema}}}).kind, ErrorKind::Parse)
          << text << schema;
    }
  }
  ScanRequest request;
  request.columns = {"b"};
  EXPECT_EQ(error_of({.bytes = R"([{"a":"x":1,"b":2},{"b":3}])",
                      .options = {{"schema", R"({"a":"string","b":"int64"})"},
                                  {"infer_schema_length", "0"}},
                      .request = request})
                .kind,
            ErrorKind::Parse);
}

}  // namespace
}  // namespace polarway::json
