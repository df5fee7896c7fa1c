#include "formats/json/rescued_values.h"

#include <gtest/gtest.h>

#include <string>

#include "support/json_reading.h"

// What does not fit is kept: on_schema_change=rescue.
namespace polarway::json {
namespace {

using testing::error_of;
using testing::Outcome;
using testing::read_all;
using testing::Rows;
using testing::rows_of;
using Options = std::map<std::string, std::string>;

const Options kRescue = {{"on_schema_change", "rescue"}, {"infer_schema_length", "1"}};

Options with(Options options, const std::string& key, const std::string& value) {
  options[key] = value;
  return options;
}

TEST(RescuedValues, AValueThatDoesNotFitIsNullAndKeptAsItIsWritten) {
  EXPECT_EQ(rows_of(R"({"a":1,"b":"x"}{"a":"two","b":"y"}{"a":{"c": [3]},"b":4.50}{"a":2,"b":"z"})",
                    kRescue),
            (Rows{"1|x|null", R"(null|y|{"a":"two"})", R"(null|null|{"a":{"c": [3]},"b":4.50})",
                  "2|z|null"}));
}

TEST(RescuedValues, AFieldThatNoColumnHoldsIsKept) {
  EXPECT_EQ(rows_of(R"({"a":1}{"new":[1,{}],"a":2}{"a":3,"n\"\u0061":null,"m":"x\ny"})", kRescue),
            (Rows{"1|null", R"(2|{"new":[1,{}]})", R"(3|{"n\"\u0061":null,"m":"x\ny"})"}));
}

TEST(RescuedValues, OfWhatIsWithinAColumnTheWholeColumnIsKept) {
  EXPECT_EQ(rows_of(R"({"a":{"b":1},"c":[1]}{"a":{"b":2,"d":3},"c":[2]}{"a":{"b":4},"c":[1,"x"]})",
                    kRescue),
            (Rows{"{b:int64 = 1}|list<item: int64>[1]|null",
                  R"(null|list<item: int64>[2]|{"a":{"b":2,"d":3}})",
                  R"({b:int64 = 4}|null|{"c":[1,"x"]})"}));
}

TEST(RescuedValues, FlattenedColumnsAreKeptByTheirNames) {
  EXPECT_EQ(rows_of(R"({"a":{"b":1,"c":{"d":2}}}{"a":{"b":"x","c":{"d":3,"new":4}}})"
                    R"({"a":{"b":5,"c":6}}{"a":7})",
                    with(kRescue, "flatten", "true")),
            (Rows{"1|2|null", R"(null|3|{"a.b":"x","a.c.new":4})", R"(5|null|{"a.c":6})",
                  R"(null|null|{"a":7})"}));
}

TEST(RescuedValues, RecordsThatAreNoObjectsAreKeptWhole) {
  EXPECT_EQ(rows_of(R"({"a":1}{"a":2} 3 "x" [4] null)", kRescue),
            (Rows{"1|null", "2|null", R"(null|{"value":3})", R"(null|{"value":"x"})",
                  R"(null|{"value":[4]})", "null|null"}));
  EXPECT_EQ(rows_of(R"([1,2,"x",{"a":3}])", kRescue),
            (Rows{"1|null", "2|null", R"(null|{"value":"x"})", R"(null|{"value":{"a":3}})"}));
}

TEST(RescuedValues, NumbersAreKeptDigitForDigit) {
  EXPECT_EQ(
      rows_of(R"({"a":1}{"a":1.0}{"a":123456789012345678901234567890}{"a":-1e-400})", kRescue),
      (Rows{"1|null", R"(null|{"a":1.0})", R"(null|{"a":123456789012345678901234567890})",
            R"(null|{"a":-1e-400})"}));
}

TEST(RescuedValues, OfANameThatIsThereTwiceNothingIsLost) {
  EXPECT_EQ(rows_of(R"({"a":1,"b":2}{"a":"x","a":2,"b":3}{"a":4,"a":"y"})", kRescue),
            (Rows{"1|2|null", R"(2|3|{"a":"x"})", R"(null|null|{"a":"y"})"}));
}

TEST(RescuedValues, WhatIsNoJsonStaysAnError) {
  for (const char* record : {R"({"a":"x","b":nul})", R"({"a":"x","b":[1})", R"({"new":"\ud800"})",
                             R"({"a":[01]})", "{\"a\":\"\xFF\"}", R"({"a":{"b" 1}})"}) {
    const Outcome outcome =
        read_all({.bytes = std::string("{\"a\":1}\n") + record + "\n{\"a\":2}\n",
                  .options = with(kRescue, "format", "lines")});
    EXPECT_EQ(outcome.rows, Rows{"1|null"}) << record;
    ASSERT_TRUE(outcome.error) << record;
    EXPECT_EQ(outcome.error->kind, ErrorKind::Parse) << record;
    EXPECT_EQ(outcome.error->where.row, 2) << record;
  }
}

TEST(RescuedValues, WhatIsKeptDoesNotDependOnWhatElseIsWanted) {
  const std::string text = R"({"a":1,"b":2}{"a":"x","b":"y"}{"a":3,"b":4})";
  ScanRequest request;
  request.columns = {"_rescued", "b"};
  EXPECT_EQ(read_all({.bytes = text, .options = kRescue, .request = request}).rows,
            (Rows{"null|2", R"({"a":"x","b":"y"}|null)", "null|4"}));
  request.columns = {"_rescued"};
  EXPECT_EQ(read_all({.bytes = text, .options = kRescue, .max_rows = 1, .request = request}).rows,
            (Rows{"null", R"({"a":"x","b":"y"})", "null"}));
  request.columns = {"b"};
  EXPECT_EQ(read_all({.bytes = text, .options = kRescue, .request = request}).rows,
            (Rows{"2", "null", "4"}));
}

TEST(RescuedValues, NoRowDependsOnBlocksPiecesOrChunks) {
  std::string text;
  for (int i = 0; i < 400; ++i) {
    const std::string n = std::to_string(i);
    text += "{\"a\":" + (i % 3 == 1 ? "\"" + n + "\"" : n) +
            (i % 5 == 4 ? ",\"late\":[" + n + "]" : ",\"b\":{\"c\":" + n + "}") + "}\n";
  }
  const Rows rows = rows_of(text, kRescue);
  ASSERT_EQ(rows.size(), 400u);
  EXPECT_EQ(rows[4], R"(null|null|{"a":"4","late":[4]})");
  for (const std::int64_t block_bytes : {1, 1000}) {
    for (const std::int64_t max_bytes : {600, 5'000, 64 << 20}) {
      const Outcome outcome = read_all({.bytes = text,
                                        .options = kRescue,
                                        .block_bytes = block_bytes,
                                        .max_bytes = max_bytes,
                                        .cut = 77});
      EXPECT_EQ(outcome.rows, rows) << max_bytes;
      EXPECT_EQ(outcome.pool_bytes_left, 0);
    }
  }
}

TEST(RescuedValues, AColumnOfTheirNameIsRefused) {
  EXPECT_EQ(error_of({.bytes = R"({"_rescued":1})", .options = kRescue}).kind, ErrorKind::Config);
  EXPECT_EQ(rows_of(R"({"_rescued":1})"), Rows{"1"});
}

TEST(RescuedValues, WideningIsRefused) {
  EXPECT_EQ(parse_json_options({{"on_schema_change", "widen"}}).error().kind, ErrorKind::Config);
}

}  // namespace
}  // namespace polarway::json
