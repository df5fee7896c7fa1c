#include "formats/json/plain_text.h"

#include <gtest/gtest.h>

#include <string>

#include "support/json_reading.h"

namespace polarway::json {
namespace {

using testing::Outcome;
using testing::read_all;
using testing::Rows;
using testing::rows_of;

// Where the string ends, in a text whose padding might end it too; -1: it is not plain.
std::ptrdiff_t string_end(const std::string& text) {
  const std::string padded = text + std::string(16, '"');
  const char* const end = plain_string_end(padded.data(), padded.data() + text.size());
  return end == nullptr ? -1 : end - padded.data();
}

TEST(PlainText, AStringEndsAtItsQuoteWhereverThatIs) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'x');
    EXPECT_EQ(string_end(text + "\"more\\"), static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(string_end(text), -1);
  }
}

TEST(PlainText, WhatNeedsALookIsFoundAtEveryPlaceAndWithEveryNeighbour) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_plain = byte >= 0x20 && byte != '\\' && byte != '"';
    for (std::size_t at = 0; at < 17; ++at) {
      std::string text(17, '!');  // one more than a quote's place lets the quote's bit borrow
      text[at] = static_cast<char>(byte);
      const std::ptrdiff_t end = byte == '"' ? static_cast<std::ptrdiff_t>(at) : is_plain ? 17 : -1;
      EXPECT_EQ(string_end(text + "\""), end) << byte << " at " << at;
    }
  }
}

// The same records, written in ways that are plain and in ways that are not.
TEST(PlainText, RecordsAreTheSameHoweverTheyAreWritten) {
  const Rows rows =
      rows_of(R"({"a":1,"b":"x","c":{"d":[1,null,2],"e":true}}{"a":-2,"c":{"e":null}})");
  EXPECT_EQ(rows.size(), 2u);
  for (
      const char* other : {
          R"( { "a" : 1 , "b" : "x" , "c" : { "d" : [ 1 , null , 2 ] , "e" : true } } )"
          R"({"a":-2,"b":null,"c":{"d":null,"e":null}})",
          R"({"b":"x","a":1,"c":{"e":true,"d":[1,null,2]}}{"c":{},"a":-2})",
          R"({"\u0061":1,"b":"\u0078","c":{"d":[1,null,2],"e":true}}{"a":-2,"b":null,"c":{"e":null}})",
      }) {
    const Outcome outcome = read_all(
        {.bytes = other,
         .options = {
             {"schema", R"j({"a":"int64","b":"string","c":"struct[d: list[int64], e: bool]"})j"},
             {"infer_schema_length", "0"}}});
    EXPECT_FALSE(outcome.error) << other << outcome.error->to_string();
    EXPECT_EQ(outcome.rows, rows) << other;
  }
}

TEST(PlainText, WhatIsNoJsonIsFoundInEveryColumn) {
  const std::map<std::string, std::string> options = {
      {"schema", R"j({"a":"int64","b":"string","c":"list[float64]","d":"struct[e: bool]"})j"},
      {"infer_schema_length", "0"},
      {"format", "lines"}};
  EXPECT_EQ(rows_of(R"({"a":1,"b":"x","c":[0.5],"d":{"e":true}})", options).size(), 1u);
  for (const char* record :
       {R"({"a":1)",          R"({"a":1,)",       R"({"a":1,})",          R"({"a":1}})",
        R"({"a":1]})",        R"({"a":01})",      R"({"a":1 2})",         R"({"a" 1})",
        R"({"a"::1})",        R"({a:1})",         R"({"b":"x)",           R"({"b":"x"y})",
        R"({"b":"\x"})",      "{\"b\":\"x\ty\"}", "{\"b\":\"\xC3\"}",     R"({"c":[0.5,]})",
        R"({"c":[,]})",       R"({"c":[0.5)",     R"({"c":[0.5 1]})",     R"({"c":[1.]})",
        R"({"d":{"e":tru}})", R"({"d":{"e"}})",   R"({"d":{"e":true,}})", R"({"d":{)",
        R"({,"a":1})",        R"({"a":1,"a"})",   R"({"a":1}{})"}) {
    const Outcome outcome =
        read_all({.bytes = std::string("{\"a\":1}\n") + record + "\n", .options = options});
    EXPECT_EQ(outcome.rows.size(), 1u) << record;
    ASSERT_TRUE(outcome.error) << record;
    EXPECT_EQ(outcome.error->kind, ErrorKind::Parse) << record;
  }
}

TEST(PlainText, NothingIsLeftOfARecordThatWasBegun) {
  const std::map<std::string, std::string> options = {
      {"format", "lines"}, {"infer_schema_length", "1"}, {"on_schema_change", "reject"}};
  const std::string good = R"({"a":[1,2],"b":{"c":["x"]},"n":3})";
  for (const char* bad : {R"({"a":[1,"x"],"n":1})", R"({"a":[7],"b":{"c":["y",1]}})",
                          R"({"a":[8,9,{)", R"({"a":null,"b":{"c":["\u0061",[)"}) {
    const Rows rows =
        rows_of(good + "\n" + bad + "\n" + bad + "\n" + good + "\n" + bad + "\n" + good, options);
    ASSERT_EQ(rows.size(), 3u) << bad;
    EXPECT_EQ(rows[1], rows[0]) << bad;
    EXPECT_EQ(rows[2], rows[0]) << bad;
  }
}

TEST(PlainText, AFieldThatIsThereTwiceLeavesNoOtherOut) {
  EXPECT_EQ(rows_of(R"({"a":1,"b":2}{"a":3,"a":4}{"b":5,"b":6})"),
            (Rows{"1|2", "4|null", "null|6"}));
}

}  // namespace
}  // namespace polarway::json
