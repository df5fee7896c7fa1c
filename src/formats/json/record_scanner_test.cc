#include "formats/json/record_scanner.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace polarway::json {
namespace {

using Found = RecordScanner::Found;

struct Scanned {
  std::vector<std::string> records;
  Found end = Found::More;
  std::size_t place = 0;  // of the last cut, in the whole text

  bool operator==(const Scanned&) const = default;
};

void PrintTo(const Scanned& scanned, std::ostream* out) {
  for (const std::string& record : scanned.records) *out << "<" << record << ">";
  *out << " end " << static_cast<int>(scanned.end) << " at " << scanned.place;
}

// The text comes in pieces of `piece` bytes, in memory that ends behind the padding.
Scanned scan(std::string_view text, Layout layout, std::size_t piece, std::int64_t max_depth = 16) {
  Scanned scanned;
  RecordScanner scanner(layout, max_depth);
  std::size_t begin = 0;
  std::size_t end = std::min(piece, text.size());
  for (;;) {
    std::vector<std::uint8_t> memory(end - begin + kScanPadding, '"');
    std::memcpy(memory.data(), text.data() + begin, end - begin);
    const auto cut = scanner.next(std::span(memory.data(), end - begin), end == text.size());
    scanned.end = cut.found;
    scanned.place = begin + cut.begin;
    if (cut.found == Found::Record) {
      scanned.records.emplace_back(text.substr(begin + cut.begin, cut.end - cut.begin));
      begin += cut.end;
    } else if (cut.found == Found::More) {
      begin += cut.begin;
      end = std::min(end + piece, text.size());
    } else {
      return scanned;
    }
  }
}

std::vector<std::string> records(std::string_view text, Layout layout) {
  return scan(text, layout, text.size() + 1).records;
}

using Texts = std::vector<std::string>;

TEST(RecordScanner, CutsOneRecordALine) {
  EXPECT_EQ(records("{\"a\":1}\n\n \r\n[2]\r\n3", Layout::Lines), (Texts{"{\"a\":1}", "[2]", "3"}));
}

TEST(RecordScanner, ALineIsARecordWhateverIsInIt) {
  EXPECT_EQ(records("{\"a\n}\n", Layout::Lines), (Texts{"{\"a", "}"}));
}

TEST(RecordScanner, CutsValuesBehindOneAnother) {
  EXPECT_EQ(records("{\"a\":[1,{}]}{}\n[\"]\"] 1 true\"x\"2", Layout::Values),
            (Texts{"{\"a\":[1,{}]}", "{}", "[\"]\"]", "1", "true", "\"x\"", "2"}));
}

TEST(RecordScanner, CutsTheElementsOfAnArray) {
  EXPECT_EQ(records(" [ {\"a\":\"]\"} , [1,2],\"a,b\" ,-1e3 ] \n", Layout::Array),
            (Texts{"{\"a\":\"]\"}", "[1,2]", "\"a,b\"", "-1e3"}));
  EXPECT_EQ(scan("[]", Layout::Array, 1), (Scanned{{}, Found::End, 2}));
}

TEST(RecordScanner, EscapedQuotesAndBackslashesEndNoString) {
  const Texts text = {R"({"a":"\"}","b":"\\"})", R"("\\\"")"};
  EXPECT_EQ(records(text[0] + text[1], Layout::Values), text);
}

TEST(RecordScanner, SaysWhatStandsWhereNoRecordCan) {
  for (const auto& [text, place] : std::vector<std::pair<std::string, std::size_t>>{{"[1,,2]", 3},
                                                                                    {"[,1]", 1},
                                                                                    {"[1,]", 3},
                                                                                    {"[1 2]", 3},
                                                                                    {"[1]x", 3},
                                                                                    {"[1]]", 3},
                                                                                    {"x", 0}}) {
    const Scanned scanned = scan(text, Layout::Array, 100);
    EXPECT_EQ(scanned.end, Found::Stray) << text;
    EXPECT_EQ(scanned.place, place) << text;
  }
  EXPECT_EQ(scan("{},{}", Layout::Values, 100).end, Found::Stray);
  EXPECT_EQ(scan("{}}", Layout::Values, 100).end, Found::Stray);
}

TEST(RecordScanner, SaysWhereTheRecordBeginsThatNeverEnds) {
  EXPECT_EQ(scan("{} {\"a\":", Layout::Values, 100), (Scanned{{"{}"}, Found::Unclosed, 3}));
  EXPECT_EQ(scan("\"abc", Layout::Values, 100).end, Found::Unclosed);
  EXPECT_EQ(scan("[1", Layout::Array, 100).end, Found::Unclosed);
  EXPECT_EQ(scan("[1,", Layout::Array, 100).end, Found::Unclosed);
}

TEST(RecordScanner, StopsAtTheBracketBeyondTheDepth) {
  const std::string deep(50'000, '[');
  EXPECT_EQ(scan(deep, Layout::Array, 1 << 20, 128), (Scanned{{}, Found::TooDeep, 128}));
  EXPECT_EQ(scan(deep, Layout::Values, 1 << 20, 128), (Scanned{{}, Found::TooDeep, 128}));
  EXPECT_EQ(scan("[[[]]]", Layout::Values, 100, 3).records, Texts{"[[[]]]"});
  EXPECT_EQ(scan("[[[]]]", Layout::Array, 100, 3).records, Texts{"[[]]"});
}

TEST(RecordScanner, GoesOnBehindARecord) {
  RecordScanner scanner(Layout::Array, 16);
  scanner.resume_behind_record();
  std::string text = " , 2 ]" + std::string(kScanPadding, ' ');
  const auto cut = scanner.next(
      std::span(reinterpret_cast<const std::uint8_t*>(text.data()), std::size_t{6}), true);
  EXPECT_EQ(cut.found, Found::Record);
  EXPECT_EQ(text.substr(cut.begin, cut.end - cut.begin), "2");
}

// Random texts of what scanners trip over.
std::string random_text(unsigned seed, bool is_array) {
  static constexpr const char* kParts[] = {"{", "}",  "[",    "]",  ",",     ":",    "\"", "\\",
                                           " ", "\n", "true", "12", "\"a\"", "\\\"", "{}", "[1,2]"};
  std::srand(seed);  // NOLINT(cert-msc51-cpp)
  std::string text = is_array ? "[" : "";
  const int num_parts = 1 + std::rand() % 120;  // NOLINT(cert-msc50-cpp)
  for (int i = 0; i < num_parts; ++i) text += kParts[std::rand() % std::size(kParts)];  // NOLINT
  return text;
}

TEST(RecordScanner, NoRecordDependsOnWhereTheTextIsCut) {
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    for (const Layout layout : {Layout::Lines, Layout::Values, Layout::Array}) {
      const std::string text = random_text(seed, layout == Layout::Array);
      const Scanned whole = scan(text, layout, text.size() + 1);
      for (const std::size_t piece : {1, 2, 7, 63, 64, 65}) {
        ASSERT_EQ(scan(text, layout, piece), whole) << piece << " bytes of " << text;
      }
    }
  }
}

}  // namespace
}  // namespace polarway::json
