#include "formats/json/records_path.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace polarway::json {
namespace {

using Names = std::vector<std::string>;

Names names_of(std::string_view text) {
  const auto path = RecordsPath::parse(text);
  EXPECT_TRUE(path) << text;
  return path ? path->names : Names{"?"};
}

Names found(std::string_view sample) {
  Names texts;
  for (const RecordsPath& path : find_record_arrays(sample)) texts.push_back(path.to_text());
  return texts;
}

TEST(RecordsPath, IsNamesWithDotsOrAPointer) {
  EXPECT_EQ(names_of("data.items"), (Names{"data", "items"}));
  EXPECT_EQ(names_of("$.data.items"), (Names{"data", "items"}));
  EXPECT_EQ(names_of("/data/items"), (Names{"data", "items"}));
  EXPECT_EQ(names_of("/a.b/c~1d/~0/"), (Names{"a.b", "c/d", "~", ""}));
  EXPECT_EQ(names_of("$"), Names());
}

TEST(RecordsPath, WhatIsNoPathIsRefusedWithTheWayOut) {
  for (const char* text : {"", "a..b", ".a", "a.", "$a", "$.", "a[0]", "$['a']", "/~", "/a~2"}) {
    const auto path = RecordsPath::parse(text);
    ASSERT_FALSE(path) << text;
    EXPECT_EQ(path.error().kind, ErrorKind::Config);
    EXPECT_NE(path.error().hint.find("/data/items"), std::string::npos);
  }
}

TEST(RecordsPath, ReadsBackWhatItWrites) {
  for (const Names& names : {Names{}, Names{"a"}, Names{"a", "b"}, Names{""}, Names{"a.b", "c"},
                             Names{"a/b~"}, Names{"$"}, Names{"[0]"}}) {
    EXPECT_EQ(names_of(RecordsPath{names}.to_text()), names);
  }
}

TEST(RecordsPath, TheOneArrayOfObjectsIsFound) {
  EXPECT_EQ(found(R"({"meta":{"tags":["a"],"n":[1,{}]},"data":{"items":[{"a":[{}]}]}})"),
            Names{"data.items"});
  EXPECT_EQ(found(R"([{"a":[{}]}])"), Names{"$"});
  EXPECT_EQ(found(R"({"a.b":[ {"x":1} ]})"), Names{"/a.b"});
  EXPECT_EQ(found("\xEF\xBB\xBF {\"\\u0061\\\"\":[{}]}"), Names{"a\""});
}

TEST(RecordsPath, SeveralArraysAreAllNamedAndNoneIsNone) {
  EXPECT_EQ(found(R"({"a":[{}],"b":{"c":[{}]}})"), (Names{"a", "b.c"}));
  for (const char* none : {"", "1", "{}", R"({"a":[1]})", R"({"a":"[{}]"})", "{,}", "nonsense"}) {
    EXPECT_EQ(found(none), Names()) << none;
  }
}

TEST(RecordsPath, AnEmptyArrayIsTakenWhereThereIsNoOther) {
  EXPECT_EQ(found(R"({"items":[],"next":null})"), Names{"items"});
  EXPECT_EQ(found(R"({"errors":[],"items":[{}]})"), Names{"items"});
}

TEST(RecordsPath, TheSampleMayEndAnywhere) {
  const std::string text = R"({"m":{"x":"y\"","z":[[1]]},"d":[{"a":"b"}],"e":[{}]})";
  const std::size_t first = text.find("[{") + 2;
  const std::size_t second = text.find("[{", first) + 2;
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const Names names = size < first ? Names() : size < second ? Names{"d"} : Names{"d", "e"};
    EXPECT_EQ(found(text.substr(0, size)), names) << size;
  }
}

TEST(RecordsPath, OfDepthWithoutEndASampleIsLookedThroughAllTheSame) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  EXPECT_EQ(found(deep), Names());
  EXPECT_EQ(found(R"({"b":[{}],"c":)" + deep), Names{"b"});
}

}  // namespace
}  // namespace polarway::json
