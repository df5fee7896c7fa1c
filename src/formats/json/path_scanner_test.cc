#include "formats/json/path_scanner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace polarway::json {
namespace {

using Found = PathScanner::Found;

struct Followed {
  std::size_t value = 0;  // where it was found; 0: it was not
  Found end = Found::More;
  std::size_t place = 0;  // of the last cut, in the whole text
  std::string missing;

  bool operator==(const Followed&) const = default;
};

void PrintTo(const Followed& followed, std::ostream* out) {
  *out << "value at " << followed.value << ", end " << static_cast<int>(followed.end) << " at "
       << followed.place << ": " << followed.missing;
}

// The text comes in pieces of `piece` bytes, in memory that ends behind the padding. Values at the
// path are `value_bytes` long.
Followed follow(std::string_view text, const std::vector<std::string>& names, std::size_t piece,
                std::size_t value_bytes = 1, std::int64_t max_depth = 16) {
  Followed followed;
  PathScanner scanner(names, max_depth);
  std::size_t begin = 0;
  std::size_t end = std::min(piece, text.size());
  for (;;) {
    std::vector<std::uint8_t> memory(end - begin + kScanPadding, '"');
    std::memcpy(memory.data(), text.data() + begin, end - begin);
    const auto cut = scanner.next(std::span(memory.data(), end - begin), end == text.size());
    followed.end = cut.found;
    followed.place = begin + cut.begin;
    begin = followed.place;
    if (cut.found == Found::Value) {
      followed.value = begin;
      begin += value_bytes;
      end = std::max(begin, end);
    } else if (cut.found == Found::More) {
      end = std::min(end + piece, text.size());
    } else {
      if (cut.found == Found::Missing) followed.missing = scanner.missing();
      return followed;
    }
  }
}

Followed follow(std::string_view text, const std::vector<std::string>& names) {
  return follow(text, names, text.size() + 1);
}

TEST(PathScanner, LeadsToTheValueAndBehindItToTheEnd) {
  const std::string text = R"( {"x":{"b":1},"y":["]"],"a" : {"z":"}\"","b": #,"c":[{}]},"d":0} )";
  EXPECT_EQ(follow(text, {"a", "b"}), (Followed{text.find('#'), Found::End, text.size(), ""}));
}

TEST(PathScanner, NamesMayBeEscapedAndOddOrEmpty) {
  EXPECT_EQ(follow(R"({"\u0061\n":#})", {"a\n"}).value, 12u);
  EXPECT_EQ(follow(R"({"\u0061":1,"":#})", {""}).value, 15u);
  EXPECT_EQ(follow(R"({"a\"b":#})", {"a\"b"}).value, 8u);
  EXPECT_EQ(follow(R"({"aa":1,"a":#})", {"a"}).value, 12u);
}

TEST(PathScanner, SaysWhatIsThereWhereNamesDoNotLeadOn) {
  EXPECT_EQ(follow(R"({"meta":{},"items":[1],"n":1,"t":"x","b":true,"z":null})", {"data"}).missing,
            "the document has meta (object), items (array), n (number), t (text), b (bool), "
            "z (null)");
  EXPECT_EQ(follow(R"({"data":{"ids":[]}})", {"data", "items"}).missing,
            "\"data\" has ids (array)");
  EXPECT_EQ(follow(R"({"a":{"b":{}}})", {"a", "b", "c"}).missing,
            "\"b\" is an object without names");
  EXPECT_EQ(follow(R"({"a":[{"b":1}]})", {"a", "b"}).missing, "\"a\" is no object (array)");
  EXPECT_EQ(follow(R"([{"a":1}])", {"a"}).missing, "the document is no object (array)");
  std::string many = "{\"" + std::string(1'000, 'x') + "\":0";
  for (int i = 0; i < 10'000; ++i) many += ",\"n" + std::to_string(i) + "\":0";
  const std::string missing = follow(many + "}", {"a"}).missing;
  EXPECT_LT(missing.size(), 400u);
  EXPECT_NE(missing.find("and 9989 more"), std::string::npos) << missing;
}

TEST(PathScanner, ANameOnTheWayThatComesAgainIsSeen) {
  EXPECT_EQ(follow(R"({"a":#,"b":1,"a":2})", {"a"}), (Followed{5, Found::Twice, 13, ""}));
  EXPECT_EQ(follow(R"({"a":{"b":#},"a":2})", {"a", "b"}).end, Found::Twice);
  EXPECT_EQ(follow(R"({"a":{"b":#,"c":{"b":0}},"b":2})", {"a", "b"}).end, Found::End);
}

TEST(PathScanner, SaysWhatCannotStandThereAndWhatNeverEnds) {
  for (const char* stray : {"{]", "{,", "{\"a\" 1}", "{\"x\":}", "{\"x\":1 2}", "{\"x\":1,}", "{x",
                            "{\"a\":}", "{\"a\":#}}", "{\"a\":#]", "{\"a\":# 1", "}"}) {
    EXPECT_EQ(follow(stray, {"a"}).end, Found::Stray) << stray;
  }
  for (const char* open : {"", " ", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"x\":1", "{\"x\":[",
                           "{\"x\":\"", "{\"a\":#", "{\"a\":#,\"b\":[{}]"}) {
    EXPECT_EQ(follow(open, {"a"}).end, Found::Unclosed) << open;
  }
}

TEST(PathScanner, DepthIsLimitedBesideTheWayToo) {
  const std::string deep = "{\"x\":" + std::string(50'000, '[');
  EXPECT_EQ(follow(deep, {"a"}, 1 << 20, 1, 4), (Followed{0, Found::TooDeep, 8, ""}));
  EXPECT_EQ(follow("{\"a\":{\"a\":{}}}", {"a", "a", "a"}, 100, 1, 2).end, Found::TooDeep);
}

TEST(PathScanner, GoesOnBehindTheValue) {
  PathScanner scanner({"a", "b"}, 16);
  scanner.resume_behind_value();
  const std::string text = ",\"c\":1}} " + std::string(kScanPadding, ' ');
  const auto cut = scanner.next(
      std::span(reinterpret_cast<const std::uint8_t*>(text.data()), std::size_t{9}), true);
  EXPECT_EQ(cut.found, Found::End);
}

TEST(PathScanner, NothingDependsOnWhereTheTextIsCut) {
  for (const std::string& text : {
           std::string(R"( {"x":{"b":[1,"\""]},"yy":"\\","\u0061" : {"z":-1e3,"b": #,"c":[{}]}} )"),
           std::string(R"({"a":{"bb":tr,"c":{"b":"]"},"d":[[]]}})"),
           std::string(R"({"a":{"b":#},"x":"}","a":0})"),
           "{\"" + std::string(200, 'n') + "\":\"" + std::string(200, 'v') + "\",\"a\":{\"b\":#}}",
       }) {
    const Followed whole = follow(text, {"a", "b"});
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
      ASSERT_EQ(follow(text, {"a", "b"}, piece), whole) << piece << " bytes of " << text;
    }
  }
}

}  // namespace
}  // namespace polarway::json
