#include "formats/csv/sniff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace polarway::csv {
namespace {

using testing::HasSubstr;

Result<CsvDialect> sniff_text(std::string_view text,
                              const std::map<std::string, std::string>& given = {}) {
  return sniff(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()), true,
               given);
}

const SniffedOption* find(const CsvDialect& dialect, std::string_view key) {
  for (const SniffedOption& option : dialect.options) {
    if (option.key == key) return &option;
  }
  return nullptr;
}

std::string value_of(const CsvDialect& dialect, std::string_view key) {
  const SniffedOption* option = find(dialect, key);
  return option ? option->value : "";
}

// A small file, and how somebody who knows it would read it.
struct Labelled {
  const char* name;
  std::string text;
  std::string delimiter;
  bool has_header = true;
  std::string quote = "\"";
  std::string skip_rows = "0";
  std::string comment = "";
  std::string encoding = "utf-8";
};

std::string lines(const std::string& line, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += line + "\n";
  return text;
}

std::string utf16(std::string_view ascii, bool little_endian) {
  std::string wide;
  for (const char c : ascii) wide += little_endian ? std::string{c, '\0'} : std::string{'\0', c};
  return wide;
}

std::vector<Labelled> labelled() {
  return {
      {"plain", "id,name\n1,Ada\n2,Bob\n", ","},
      {"plain crlf", "id,name\r\n1,Ada\r\n2,Bob\r\n", ","},
      {"plain cr", "id,name\r1,Ada\r2,Bob\r", ","},
      {"no last line end", "id,name\n1,Ada\n2,Bob", ","},
      {"tab", "id\tname\n1\tAda Lovelace\n2\tBob\n", "tab"},
      {"tab with commas", "id\ttext\n1\tone, two\n2\tthree, four\n", "tab"},
      {"semicolon", "id;name\n1;Ada\n2;Bob\n", ";"},
      {"pipe", "id|name|city\n1|Ada|London\n2|Bob|Paris\n", "|"},
      {"colon", "user:uid:shell\nroot:0:/bin/sh\nada:1000:/bin/zsh\n", ":"},
      {"passwd", "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n", ":", false},
      {"blank", "x y z\n1 2 3\n4 5 6\n", " "},
      {"blank no header", "1 2 3\n4 5 6\n7 8 9\n", " ", false},
      {"decimal comma", "preis;menge\n1,50;3\n2,75;4\n", ";"},
      {"decimal comma and text", "stadt;preis;land\nBerlin, Mitte;1,50;DE\nWien;2,75;AT\n", ";"},
      {"decimal comma all", "a;b;c\n1,5;2,5;3,5\n4,5;5,5;6,5\n", ";"},
      {"thousands", "name;summe\nA;1.234,50\nB;2.345.678,00\n", ";"},
      {"euro", "name;summe\nA;12,50 €\nB;7,00 €\n", ";"},
      {"german dates", "datum;wert\n31.12.2024;1\n01.01.2025;2\n", ";"},
      {"american dates", "date,value\n12/31/2024,1\n01/01/2025,2\n", ","},
      {"timestamps", "at,value\n2024-02-29 12:30:00,1\n2024-02-29 12:31:00,2\n", ","},
      {"timestamps only", "at\n2024-02-29 12:30:00\n2024-02-29 12:31:00\n", ","},
      {"times only", "at\n12:30:00\n12:31:00\n", ","},
      {"one column of integers", "id\n1\n2\n3\n", ","},
      {"one column without header", "1\n2\n3\n", ",", false},
      {"one column of text", "word\napple\npear\nplum\n", ","},
      {"one column of names", "name\nAda Lovelace\nGrace Hopper\nAlan Turing\n", ","},
      {"one column of sentences", "text\nThis is one.\nThis, though, is another one.\nYes.\n", ";"},
      {"one column of decimal commas", "value\n1,5\n2,75\n3,25\n", ";"},
      {"one column of urls", "url\nhttp://a.example/x\nhttps://b.example/y?z=1\n", ","},
      {"no header", "1,Ada,2.5\n2,Bob,3.5\n3,Cyd,4.5\n", ",", false},
      {"no header with dates", "2024-01-01,5\n2024-01-02,6\n", ",", false},
      {"header of years", "country,2019,2020,2021\nDE,1,2,3\nFR,4,5,6\n", ","},
      {"pandas index", ",a,b\n0,1,x\n1,2,y\n", ","},
      {"all text", "name,city\nAda,London\nBob,Paris\nCyd,Rome\n", ","},
      {"all text of one length", "code,land\nDEU,EUR\nFRA,EUR\nUSA,USD\n", ","},
      {"all text repeated", "yes,no\nno,yes\nyes,no\nyes,yes\n", ",", false},
      {"nulls in numbers", "a,b\n1,\n,2\n3,4\n", ","},
      {"na in numbers", "a,b\n1,NA\n" + lines("2,3.5", 20), ","},
      {"one row", "name,city,country\n", ","},
      {"one row of values", "1,2.5,2024-01-01\n", ",", false},
      {"one cell", "name\n", ","},
      {"quoted commas", "id,text\n1,\"a, b\"\n2,\"c, d, e\"\n", ","},
      {"quoted semicolons", "id,text\n1,\"a;b;c\"\n2,\"d;e;f\"\n", ","},
      {"quoted newlines", "id,text\n1,\"a\nb\nc\"\n2,\"d\n\ne\"\n", ","},
      {"quoted newlines with delimiters", "id;text\n1;\"a, b\nc, d\"\n2;\"e, f\ng\"\n", ";"},
      {"doubled quotes", "id,text\n1,\"say \"\"hi\"\"\"\n2,\"x\"\n", ","},
      {"everything quoted", "\"id\",\"name\"\n\"1\",\"Ada\"\n\"2\",\"Bob\"\n", ","},
      {"single quotes", "id,text\n1,'a, b'\n2,'c, d'\n", ",", true, "'"},
      {"single quotes semicolon", "'id';'text'\n'1';'a;b'\n'2';'c'\n", ";", true, "'"},
      {"apostrophes", "id,text\n1,it's\n2,don't\n3,'tis so\n", ","},
      {"quote in the midst", "id,size\n1,5\" pipe\n2,3\" pipe\n", ","},
      {"quotes that never close", "id,size\n1,\"5 inch\n2,7\n3,\"8 inch and\n4,9\n5,1\n6,\"2\n",
       ",", true, "none"},
      {"json inside", "id,doc\n1,\"{\"\"a\"\": 1, \"\"b\"\": 2}\"\n2,\"{\"\"a\"\": 3}\"\n", ","},
      {"title", "Report of the year\nid,name,value\n1,Ada,2\n2,Bob,3\n", ",", true, "\"", "1"},
      {"titles and a blank line",
       "Export: 2024\nBy: Ada\n\nid;name;value;unit\n1;a;2;kg\n2;b;3;kg\n", ";", true, "\"", "2"},
      {"title no header", "Readings\n1,2,3\n4,5,6\n7,8,9\n", ",", false, "\"", "1"},
      {"comments", "# made by hand\n# in 2024\nid,name\n1,Ada\n2,Bob\n", ",", true, "\"", "0", "#"},
      {"comment with commas", "# a, b, c, d\nid,name\n1,Ada\n2,Bob\n", ",", true, "\"", "0", "#"},
      {"comment in the midst", "id,name\n1,Ada\n# gone: 2,Bob\n3,Cyd\n4,Dan\n", ",", true, "\"",
       "0", "#"},
      {"header with a hash", "#id,name\n1,Ada\n2,Bob\n", ","},
      {"values with hashes", "tag,count\n#a,1\n#b,2\n#c,3\n", ","},
      {"byte order mark", "\xEF\xBB\xBFid,name\n1,Ada\n2,Bob\n", ","},
      {"utf-8", "id,größe\n1,klein\n2,groß\n", ","},
      {"latin1", "id;gr\xF6\xDF\x65\n1;klein\n2;gro\xDF\n", ";", true, "\"", "0", "", "latin1"},
      {"windows-1252", "id;preis\n1;5 \x80\n2;7 \x80\n", ";", true, "\"", "0", "", "windows-1252"},
      {"utf-16le", utf16("id;name\n1;Ada\n2;Bob\n", true), ";", true, "\"", "0", "", "utf-16le"},
      {"utf-16be", utf16("id;name\n1;Ada\n2;Bob\n", false), ";", true, "\"", "0", "", "utf-16be"},
      {"utf-16 with mark", "\xFF\xFE" + utf16("a\tb\n1\t2\n", true), "tab", true, "\"", "0", "",
       "utf-16le"},
      {"a ragged row", "a,b,c\n1,2,3\n4,5\n6,7,8\n9,10,11\n", ","},
      {"trailing delimiters", "a;b;c;\n1;2;3;\n4;5;6;\n", ";"},
      {"empty fields", "a,b,c,d\n,,,\n1,,,\n,,2,\n", ","},
      {"wide", "a,b,c,d,e,f,g,h,i,j\n" + lines("1,2,3,4,5,6,7,8,9,10", 5), ","},
      {"log lines", "time|level|message\n12:00:01|INFO|started, at last\n12:00:02|WARN|slow: 3s\n",
       "|"},
      {"prose in quotes", "id,review,stars\n1,\"Good; really, good\",5\n2,\"Bad: no, worse\",1\n",
       ","},
      {"emails", "mail,age\nada@x.example,36\nbob@y.example,41\n", ","},
      {"telephone numbers", "name;tel\nAda;+44 20 7946 0958\nBob;030-12345\n", ";"},
      {"lists in cells", "id;tags\n1;a,b,c\n2;d,e\n3;f\n", ";"},
      {"paths", "path,bytes\n/usr/bin/env,120\n/etc/hosts,30\n", ","},
      {"coordinates", "place;where\nA;52.52,13.40\nB;48.20,16.37\n", ";"},
      {"booleans", "ok,name\ntrue,a\nfalse,b\n", ","},
      {"percent", "share|name\n12 %|a\n7 %|b\n", "|"},
      {"negative numbers", "a b\n-1 2.5\n3 -4.5\n", " "},
      {"many rows", "id,name\n" + lines("7,x", 5000), ","},
  };
}

// Which of the labels it gets wrong; each entry is "name: key".
std::vector<std::string> wrong_labels(const Labelled& file) {
  const Result<CsvDialect> dialect = sniff_text(file.text);
  if (!dialect) return {std::string(file.name) + ": " + dialect.error().to_string()};
  std::vector<std::string> wrong;
  const auto expect = [&](const char* key, const std::string& expected) {
    const std::string got = value_of(*dialect, key);
    if (got != expected) wrong.push_back(std::string(file.name) + ": " + key);
  };
  expect("delimiter", file.delimiter);
  expect("has_header", file.has_header ? "true" : "false");
  expect("quote_char", file.quote);
  expect("skip_rows", file.skip_rows);
  expect("comment_char", file.comment);
  expect("encoding", file.encoding);
  return wrong;
}

// What it gets wrong, and we know it.
const std::set<std::string> kKnownWrong = {};

TEST(Sniff, NineteenOfTwentyLabelledFilesAreReadAsTheirAuthorsMeantThem) {
  const std::vector<Labelled> files = labelled();
  ASSERT_GE(files.size(), 60U);
  std::size_t right = 0;
  for (const Labelled& file : files) {
    const std::vector<std::string> wrong = wrong_labels(file);
    if (wrong.empty()) ++right;
    for (const std::string& label : wrong) EXPECT_TRUE(kKnownWrong.contains(label)) << label;
  }
  EXPECT_GE(right * 20, files.size() * 19) << right << " of " << files.size();
}

TEST(Sniff, EveryThingFoundHasAReasonAndAConfidence) {
  for (const Labelled& file : labelled()) {
    const Result<CsvDialect> dialect = sniff_text(file.text);
    ASSERT_TRUE(dialect) << file.name;
    std::set<std::string> keys;
    for (const SniffedOption& option : dialect->options) {
      EXPECT_TRUE(keys.insert(option.key).second) << file.name << option.key;
      EXPECT_FALSE(option.reason.empty()) << file.name << option.key;
      EXPECT_GT(option.confidence, 0) << file.name << option.key;
      EXPECT_LE(option.confidence, 1) << file.name << option.key;
    }
  }
}

TEST(Sniff, WhatNothingTellsHasALowConfidence) {
  EXPECT_LE(find(*sniff_text("name,city\nAda,London\nBob,Paris\n"), "has_header")->confidence, 0.5);
  EXPECT_LE(find(*sniff_text("a,b\n"), "has_header")->confidence, 0.5);
  EXPECT_LE(find(*sniff_text("gr\xF6\xDF\x65,b\n1,2\n"), "encoding")->confidence, 0.5);
  EXPECT_GE(find(*sniff_text("id,name\n1,Ada\n2,Bob\n3,Cyd\n"), "has_header")->confidence, 0.9);
  EXPECT_GE(find(*sniff_text("id;name\n" + lines("1;x", 50)), "delimiter")->confidence, 0.9);
}

TEST(Sniff, WhatIsGivenIsBelievedAndHelpsToFindTheRest) {
  const Result<CsvDialect> dialect =
      sniff_text("a,b;c\n1,5;2\n2,5;3\n", {{"sep", ","}, {"has_header", "false"}});
  ASSERT_TRUE(dialect);
  EXPECT_EQ(value_of(*dialect, "delimiter"), ",");
  EXPECT_EQ(find(*dialect, "delimiter")->reason, "as given");
  EXPECT_EQ(find(*dialect, "delimiter")->confidence, 1);
  EXPECT_EQ(value_of(*dialect, "has_header"), "false");
  EXPECT_EQ(dialect->schema.names(), (std::vector<std::string>{"column_1", "column_2"}));
  EXPECT_EQ(sniff_text("a,b\n", {{"delimiter", "\n"}}).error().kind, ErrorKind::Config);
}

TEST(Sniff, TypesAreThoseThatReadingInfers) {
  const Result<CsvDialect> dialect = sniff_text(
      "id;when;ok;x;text;code\n1;2024-02-29;true;1.5;a;007\n2;2024-03-01;false;2;b;008\n");
  ASSERT_TRUE(dialect);
  EXPECT_EQ(dialect->schema.to_string(),
            "id: int64\nwhen: date\nok: bool\nx: float64\ntext: string\ncode: string");
}

TEST(Sniff, OptionsThatAreNoDefaultsAreWhatAReaderIsTold) {
  const Result<CsvDialect> dialect = sniff_text("1;Ada\n2;Bob\n3;Cyd\n");
  ASSERT_TRUE(dialect);
  EXPECT_EQ(dialect->to_options(), "-o delimiter=';' -o has_header=false");
  EXPECT_EQ(dialect->to_map(),
            (std::map<std::string, std::string>{{"delimiter", ";"}, {"has_header", "false"}}));
  EXPECT_THAT(dialect->to_json(), HasSubstr("\"delimiter\":{\"value\":\";\",\"default\":false"));
  EXPECT_EQ(sniff_text("id,name\n1,Ada\n")->to_options(), "");
  const Result<CsvDialect> quoted = sniff_text("id,text\n1,'a, b'\n2,'c, d'\n");
  EXPECT_EQ(quoted->to_options(), "-o quote_char=''\\'''");
}

TEST(Sniff, NamesAreThoseThatReadingGives) {
  const Result<CsvDialect> dialect = sniff_text("a;a;;\xFC\n1;2;3;4\n");
  ASSERT_TRUE(dialect) << dialect.error().to_string();
  EXPECT_EQ(dialect->schema.to_string(),
            "a: int64\na_duplicated_0: int64\ncolumn_3: int64\nü: int64");
  const Result<CsvDialect> escaped = sniff_text("a\\\"b,x\n1\\2,\"c\\\"d\"\n");
  ASSERT_TRUE(escaped) << escaped.error().to_string();
  EXPECT_EQ(escaped->schema.num_fields(), 2);
  EXPECT_EQ(escaped->schema.field(0).name, "a\"b");
  // Within quotes, a line that begins like a comment is none.
  const Result<CsvDialect> commented = sniff_text("\"a\n#b\",x\n1,2\n# comment\n3,4\n#");
  ASSERT_TRUE(commented) << commented.error().to_string();
  EXPECT_EQ(commented->schema.to_string(), "\"a\\n#b\": int64\nx: int64");
  EXPECT_EQ(commented->to_options(), "-o comment_char='#'");
}

TEST(Sniff, NothingAtAllIsAnEmptySource) {
  for (const char* text : {"\n\n", "\r\n", "\n"}) {
    const Result<CsvDialect> dialect = sniff_text(text);
    ASSERT_FALSE(dialect);
    EXPECT_EQ(dialect.error().kind, ErrorKind::EmptySource);
  }
}

TEST(Sniff, WhateverTheBytesThereIsAnAnswerAndTheSameOneAgain) {
  std::uint64_t state = 42;
  const auto random = [&state] {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state >> 33);
  };
  constexpr std::string_view kBytes = ",;\t|: \"'#\\\n\n\r\nab19.-\xC3\xA4\xFF\0";
  for (int i = 0; i < 3'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 60; n > 0; --n) text += kBytes[random() % kBytes.size()];
    const Result<CsvDialect> dialect = sniff_text(text);
    const Result<CsvDialect> again = sniff_text(text);
    ASSERT_EQ(dialect.has_value(), again.has_value());
    if (dialect) {
      ASSERT_EQ(dialect->to_json(), again->to_json());
    } else {
      ASSERT_EQ(dialect.error().kind, ErrorKind::EmptySource) << text;
    }
  }
}

}  // namespace
}  // namespace polarway::csv
