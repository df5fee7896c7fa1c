#include <arrow/type.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/json_reading.h"

// Records that lie somewhere in one document: the option records_path.
namespace polarway::json {
namespace {

using testing::error_of;
using testing::make_context;
using testing::Outcome;
using testing::read_all;
using testing::Rows;
using testing::rows_of;
using Options = std::map<std::string, std::string>;

const Options kItems = {{"records_path", "data.items"}};

const std::string kDocument =
    R"( {"meta":{"items":[1,"]}"],"data":"{"},"data" : {"total":3,"it\u0065ms": )"
    R"([ {"a":1,"b":[{"c":"x"}]} , {"a":null}, {"b":[],"a":3} ] ,"next":{"page":"}{"}},"z":[[]]} )";

// Many rows, between much else.
std::string large_document(int num_records) {
  std::string text = "{\"skipped\":[";
  for (int i = 0; i < 3'000; ++i) text += "{\"a\":[\"}\"]},";
  text += "1],\"d\":{\"r\":[";
  for (int i = 0; i < num_records; ++i) {
    text += std::string(i == 0 ? "" : ",\n") + "{\"n\":" + std::to_string(i) + "}";
  }
  return text + "]},\"tail\":\"" + std::string(100'000, ']') + "\"}";
}

TEST(RecordsInDocument, TheArrayAtThePathIsTheTable) {
  const Rows rows = rows_of(kDocument, kItems);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows_of(kDocument, {{"records_path", "/data/items"}}), rows);
  EXPECT_EQ(rows_of(kDocument, {{"records_path", "$.data.items"}}), rows);
  EXPECT_EQ(rows_of("\xEF\xBB\xBF" + kDocument, kItems), rows);
  const std::size_t begin = kDocument.find("[ {");
  EXPECT_EQ(rows_of(kDocument.substr(begin, kDocument.find(" ,\"next") - begin)), rows);
}

TEST(RecordsInDocument, OneObjectIsOneRecordAndNullIsNone) {
  EXPECT_EQ(rows_of(R"({"a":{"b":{"x":1,"y":"z"}},"c":2})", {{"records_path", "a.b"}}),
            Rows{"1|z"});
  EXPECT_EQ(rows_of(R"({"a":{"b": null},"c":2})", {{"records_path", "a.b"}}), Rows());
  EXPECT_EQ(rows_of(R"({"a":[],"c":2})", {{"records_path", "a"}}), Rows());
}

TEST(RecordsInDocument, ThePathToTheDocumentItselfChangesNothing) {
  EXPECT_EQ(rows_of(R"([{"a":1},{"a":2}])", {{"records_path", "$"}}), (Rows{"1", "2"}));
  EXPECT_EQ(rows_of(R"({"a":1})", {{"records_path", "$"}}), Rows{"1"});
}

TEST(RecordsInDocument, NoRowDependsOnBlocksPiecesOrChunks) {
  const Rows rows = rows_of(kDocument, kItems);
  for (std::size_t cut = 1; cut <= kDocument.size(); ++cut) {
    for (const std::int64_t block_bytes : {1, 64}) {
      const Outcome outcome = read_all({.bytes = kDocument,
                                        .options = kItems,
                                        .block_bytes = block_bytes,
                                        .max_rows = 2,
                                        .cut = cut});
      EXPECT_FALSE(outcome.error) << outcome.error->to_string();
      ASSERT_EQ(outcome.rows, rows) << cut;
    }
    ASSERT_EQ(read_all({.bytes = kDocument, .options = kItems, .cut = cut, .seekable = false}).rows,
              rows)
        << cut;
  }
}

TEST(RecordsInDocument, WhatIsAroundThemIsNotHeld) {
  const std::string much(8 << 20, 'x');
  const std::string text = "{\"s\":\"" + much + "\",\"a\":[\"" + much +
                           "\"],\"r\":[{\"n\":1}],\"t\":\"" + much + "\",\"u\":[{\"" + much +
                           "\":1}]}";
  const Outcome outcome =
      read_all({.bytes = text, .options = {{"records_path", "r"}}, .limit_bytes = 4 << 20});
  EXPECT_FALSE(outcome.error) << outcome.error->to_string();
  EXPECT_EQ(outcome.rows, Rows{"1"});
}

TEST(RecordsInDocument, ANameLargerThanTheLimitIsAnError) {
  const std::string text = "{\"" + std::string(8 << 20, 'x') + "\":1,\"r\":[]}";
  const SourceError error =
      error_of({.bytes = text, .options = {{"records_path", "r"}}, .limit_bytes = 4 << 20});
  EXPECT_EQ(error.kind, ErrorKind::MemoryLimit);
}

TEST(RecordsInDocument, APathThatLeadsNowhereSaysWhatIsThere) {
  SourceError error = error_of({.bytes = R"({"data":{"rows":[],"n":1}})", .options = kItems});
  EXPECT_EQ(error.kind, ErrorKind::Config);
  EXPECT_NE(error.message.find("\"data\" has rows (array), n (number)"), std::string::npos)
      << error.message;
  EXPECT_EQ(error.where.location, "memory.csv");
  EXPECT_EQ(error.where.byte_offset, 24);
  for (const char* text :
       {"[1]", R"({"data":[]})", R"({"data":{"items":"x"}})", R"({"data":{"items":7}})", "{}"}) {
    EXPECT_EQ(error_of({.bytes = text, .options = kItems}).kind, ErrorKind::Config) << text;
  }
  Options array = kItems;
  array["format"] = "array";
  EXPECT_EQ(error_of({.bytes = R"({"data":{"items":{}}})", .options = array}).kind,
            ErrorKind::Config);
}

TEST(RecordsInDocument, LinesAndValuesHaveNoDocumentAroundThem) {
  for (const char* format : {"lines", "values"}) {
    EXPECT_EQ(error_of({.bytes = kDocument,
                        .options = {{"records_path", "data.items"}, {"format", format}}})
                  .kind,
              ErrorKind::Config);
  }
}

TEST(RecordsInDocument, WhatIsWrongBehindThemComesAfterTheRows) {
  const std::map<std::string, std::string> messages = {
      {R"({"r":[{"a":1},{"a":2}])", "ends within"},
      {R"({"r":[{"a":1},{"a":2}],"x":[)", "ends within"},
      {R"({"r":[{"a":1},{"a":2}],"r":[{"a":3}]})", "twice"},
      {R"({"r":[{"a":1},{"a":2}]]})", "no record can begin"},
      {R"({"r":[{"a":1},{"a":2}]}x)", "no record can begin"},
      {R"({"r":[{"a":1},{"a":2},{"a":)", "ends within"},
  };
  for (const auto& [bytes, message] : messages) {
    const Outcome outcome = read_all({.bytes = bytes, .options = {{"records_path", "r"}}});
    EXPECT_EQ(outcome.rows, (Rows{"1", "2"})) << bytes;
    ASSERT_TRUE(outcome.error) << bytes;
    EXPECT_EQ(outcome.error->kind, ErrorKind::Parse) << bytes;
    EXPECT_NE(outcome.error->message.find(message), std::string::npos) << outcome.error->message;
  }
}

TEST(RecordsInDocument, WhatIsWrongBeforeThemIsSaidAtOnce) {
  for (const char* text : {"{", "{\"x\":[", "{\"x\" 1}", "{\"x\":1 \"r\":[]}", "{\"x\":]"}) {
    EXPECT_EQ(error_of({.bytes = text, .options = {{"records_path", "r"}}}).kind, ErrorKind::Parse)
        << text;
  }
  EXPECT_EQ(error_of({.bytes = " \n", .options = kItems}).kind, ErrorKind::EmptySource);
}

TEST(RecordsInDocument, ErrorsNameTheByteOfTheDocument) {
  const std::string text = R"({"x":{},"r":[{"a":1},{"a":"b"}]})";
  const SourceError error =
      error_of({.bytes = text, .options = {{"records_path", "r"}, {"infer_schema_length", "1"}}});
  EXPECT_EQ(error.kind, ErrorKind::Schema);
  EXPECT_EQ(error.where.row, 2);
  EXPECT_EQ(error.where.byte_offset, static_cast<std::int64_t>(text.find("\"b\"")));
}

TEST(RecordsInDocument, EveryPositionGoesOnWithTheNextRow) {
  const Options options = {{"records_path", "d.r"}};
  for (const std::string& text :
       {large_document(500), std::string(R"({"d":{"r":{"n":0}},"x":[]})")}) {
    const Outcome whole = read_all({.bytes = text, .options = options, .max_rows = 41});
    EXPECT_FALSE(whole.error);
    std::size_t before = 0;
    for (std::size_t i = 0; i < whole.positions.size(); ++i) {
      before += static_cast<std::size_t>(whole.chunk_rows[i]);
      ScanRequest request;
      request.resume_from = whole.positions[i];
      const Outcome rest = read_all({.bytes = text, .options = options, .request = request});
      EXPECT_FALSE(rest.error);
      EXPECT_EQ(rest.rows,
                Rows(whole.rows.begin() + static_cast<std::ptrdiff_t>(before), whole.rows.end()));
    }
  }
}

TEST(RecordsInDocument, SplitsTogetherAreTheWhole) {
  const Options options = {{"records_path", "d.r"}};
  const std::string text = large_document(2'000);
  const Rows whole = rows_of(text, options);
  ASSERT_EQ(whole.size(), 2'000u);
  for (const int num_splits : {1, 2, 7}) {
    auto decoder = make_json_decoder(*parse_json_options(options));
    ASSERT_TRUE(
        decoder->open(std::make_unique<testing::MemoryStream>(text), {}, make_context(256 << 20)));
    const auto splits = decoder->splits(num_splits);
    ASSERT_TRUE(splits) << splits.error().to_string();
    Rows rows;
    for (const Split& split : *splits) {
      ScanRequest request;
      request.split = split;
      const Outcome outcome = read_all({.bytes = text, .options = options, .request = request});
      EXPECT_FALSE(outcome.error);
      rows.insert(rows.end(), outcome.rows.begin(), outcome.rows.end());
    }
    EXPECT_EQ(rows, whole);
  }
}

TEST(RecordsInDocument, ACountIsThatOfTheRecords) {
  ScanRequest request;
  request.columns.emplace();
  const Outcome counted = read_all(
      {.bytes = large_document(77), .options = {{"records_path", "d.r"}}, .request = request});
  EXPECT_EQ(counted.chunk_rows, std::vector<std::int64_t>{77});
}

}  // namespace
}  // namespace polarway::json
