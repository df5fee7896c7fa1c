#include "formats/json/plain_text.h"

#include <gtest/gtest.h>

#include <string>

#include "support/json_reading.h"

namespace polarway::json {
namespace {

using testing::error_of;
using testing::Outcome;
using testing::read_all;
using testing::Rows;
using testing::rows_of;

// Where the string ends, in a text whose padding might end it too; -1: it is not plain.
std::ptrdiff_t plain_end(const std::string& text) {
  const std::string padded = text + std::string(kPlainStep, '"');
  const char* const end = plain_string_end(padded.data(), padded.data() + text.size());
  return end == nullptr ? -1 : end - padded.data();
}

TEST(PlainText, AStringEndsAtItsQuoteWhereverThatIs) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'x');
    EXPECT_EQ(plain_end(text + "\"more\\"), static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(plain_end(text), -1);
  }
}

TEST(PlainText, WhatNeedsALookIsFoundAtEveryPlaceAndWithEveryNeighbour) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_plain = byte >= 0x20 && byte != '\\' && byte != '"';
    for (std::size_t at = 0; at < 17; ++at) {
      std::string text(17, '!');  // one more than a quote's place lets the quote's bit borrow
      text[at] = static_cast<char>(byte);
      const std::ptrdiff_t end = byte == '"' ? static_cast<std::ptrdiff_t>(at) : is_plain ? 17 : -1;
      EXPECT_EQ(plain_end(text + "\""), end) << byte << " at " << at;
    }
  }
}

TEST(PlainText, BytesThatAreLookedAtTogetherAreWhatTheyAreOneByOne) {
  for (int byte = 0; byte < 256; ++byte) {
    for (const char other : {'x', '"', '\0', '\xFF'}) {
      for (std::size_t at = 0; at < kPlainStep; ++at) {
        std::string text(kPlainStep, other);
        text[at] = static_cast<char>(byte);
        EXPECT_EQ(text_marks(text.data()), marks_one_by_one(text.data(), may_end_text)) << byte;
        EXPECT_EQ(token_marks(text.data()), marks_one_by_one(text.data(), may_end_token)) << byte;
      }
    }
  }
}

TEST(PlainText, AnEscapedCharacterEndsNoString) {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string before(size, 'x');
    for (const std::string middle : {R"(\")", R"(\\)", R"(\\\")", R"(\u0041\n)"}) {
      const std::string text = before + middle + "y\"more";
      const std::string padded = text + std::string(kPlainStep, '"');
      const char* const end = padded.data() + text.size();
      EXPECT_EQ(string_end(padded.data(), end) - padded.data(),
                static_cast<std::ptrdiff_t>(size + middle.size() + 1));
      EXPECT_EQ(string_end(padded.data(), end - 5), nullptr) << "its quote is behind the text";
      EXPECT_EQ(plain_string_end(padded.data(), end), nullptr);
    }
    const std::string control = before + "\n\"" + std::string(kPlainStep, '"');
    EXPECT_EQ(string_end(control.data(), control.data() + size + 2), nullptr);
  }
}

TEST(PlainText, ATokenEndsBeforeWhatFollowsValues) {
  for (std::size_t size = 0; size < kPlainStep; ++size) {
    for (const char behind : {',', '}', ']', ' ', '\t', '\r', '\n'}) {
      const std::string text = std::string(size, '7') + behind + std::string(kPlainStep, ',');
      EXPECT_EQ(short_token_end(text.data()), text.data() + size);
    }
  }
  const std::string is_long = std::string(kPlainStep, '7') + ',';
  EXPECT_EQ(short_token_end(is_long.data()), nullptr);
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

// What one thread, which cuts each record out first, and several, which do not, make of a text.
void expect_same_for_all_threads(const std::string& bytes,
                                 const std::map<std::string, std::string>& options) {
  const auto outcome_of = [&](int num_threads) {
    const Outcome outcome = read_all(
        {.bytes = bytes, .options = options, .block_bytes = 256, .num_threads = num_threads});
    std::string said = outcome.error ? outcome.error->to_string() : "";
    for (const Reject& reject : outcome.rejects) said += reject.to_json();
    return std::pair(outcome.rows, said);
  };
  EXPECT_EQ(outcome_of(3), outcome_of(1)) << bytes.substr(0, 200);
}

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

TEST(PlainText, ALineHasOneRecordAndARecordOneLine) {
  const std::string good = "{\"a\":1,\"b\":[2]}\n";
  for (const std::string odd :
       {"{\"a\":1}{\"a\":2}\n", "{\"a\":1} {}\n", "{\"a\":\n1}\n", "{\"a\":1,\n\"b\":[]}\n",
        "{\"b\":[\n]}\n", "{\"a\":1},\n", " {\"a\" : 1 } \t\r\n\n", "{\"a\":1}x\n", "\n \n"}) {
    for (const char* on_change : {"error", "reject", "rescue"}) {
      expect_same_for_all_threads(
          repeated(good, 60) + odd + repeated(good, 60),
          {{"format", "lines"}, {"infer_schema_length", "1"}, {"on_schema_change", on_change}});
    }
  }
}

TEST(PlainText, RecordsOfAnArrayHaveOneCommaBetweenThem) {
  const std::string good = "{\"a\":1,\"b\":\"x\"}";
  for (const std::string between :
       {",", " , ", ",\n", " ", ",,", ",1,", ",null,", ",[],", ";", "]"}) {
    expect_same_for_all_threads(
        "[" + repeated(good + ",", 60) + good + between + repeated(good + ",", 60) + good + "]",
        {{"infer_schema_length", "1"}, {"on_schema_change", "reject"}});
  }
}

TEST(PlainText, NamesMayComeInAnyOrderAndBeMissing) {
  const std::map<std::string, std::string> options = {
      {"schema", R"j({"a":"int64","b":"int64","quite_a_long_name":"int64","d":"int64"})j"},
      {"infer_schema_length", "0"}};
  const Rows rows = rows_of(
      R"({"quite_a_long_name":3,"a":1,"b":2}{"d":4,"quite_a_long_name":3,"b":2,"a":1}{}{"d":5})"
      R"({"quite_a_long_name":3,"a":1,"b":2}{"a":1,"d":4})",
      options);
  EXPECT_EQ(rows, (Rows{"1|2|3|null", "1|2|3|4", "null|null|null|null", "null|null|null|5",
                        "1|2|3|null", "1|null|null|4"}));
  for (const char* odd :
       {R"({"quite_a_long_nama":3})", R"({"quite_a_long_name_":3})", R"({"quite_b_long_name":3})",
        R"({"quite_a_long_n":3})", R"({"":3})", R"({"A":3})"}) {
    EXPECT_EQ(error_of({.bytes = odd, .options = options}).kind, ErrorKind::Schema) << odd;
  }
}

TEST(PlainText, WhatIsDeeperThanMaxDepthIsRefusedThoughItFits) {
  const std::string flat = "{\"a\":null}";
  const std::string text = repeated(flat, 60) + R"({"a":{"b":[1]}})" + repeated(flat, 60);
  std::map<std::string, std::string> options = {{"schema", "{\"a\":\"struct[b: list[int64]]\"}"},
                                                {"max_depth", "3"},
                                                {"infer_schema_length", "0"}};
  EXPECT_EQ(rows_of(text, options).size(), 121u);
  options["max_depth"] = "2";
  EXPECT_EQ(read_all({.bytes = text, .options = options}).rows.size(), 60u);
  expect_same_for_all_threads(text, options);
}

TEST(PlainText, AFieldThatIsThereTwiceLeavesNoOtherOut) {
  EXPECT_EQ(rows_of(R"({"a":1,"b":2}{"a":3,"a":4}{"b":5,"b":6})"),
            (Rows{"1|2", "4|null", "null|6"}));
}

}  // namespace
}  // namespace polarway::json
