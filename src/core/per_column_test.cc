#include "core/per_column.h"

#include <gtest/gtest.h>

#include <vector>

namespace polarway {
namespace {

using Lists = PerColumn<std::vector<std::string>>;
using Texts = PerColumn<std::string>;

TEST(PerColumn, WhatIsNoObjectIsForAllColumns) {
  const Result<Lists> lists = OptionValue<Lists>::parse("NA, null");
  ASSERT_TRUE(lists);
  EXPECT_EQ(lists->of("any"), (std::vector<std::string>{"NA", "null"}));
  EXPECT_EQ(OptionValue<Texts>::parse("%d.%m.%Y")->of("any"), "%d.%m.%Y");
}

TEST(PerColumn, AnObjectIsForTheColumnsItNames) {
  const Result<Lists> lists = OptionValue<Lists>::parse(R"( {"a": ["x,y", ""], "b": "NA"})");
  ASSERT_TRUE(lists);
  EXPECT_EQ(lists->of("a"), (std::vector<std::string>{"x,y", ""}));
  EXPECT_EQ(lists->of("b"), (std::vector<std::string>{"NA"}));
  EXPECT_TRUE(lists->of("c").empty());
}

TEST(PerColumn, IsReadBackFromWhatIsPrinted) {
  for (const char* text : {"", "NA", R"(["a,b"])", R"({"a":["x,y"],"b":"NA"})"}) {
    const Result<Lists> lists = OptionValue<Lists>::parse(text);
    ASSERT_TRUE(lists) << text;
    EXPECT_EQ(*OptionValue<Lists>::parse(OptionValue<Lists>::print(*lists)), *lists) << text;
  }
}

TEST(PerColumn, WhatIsNeitherTextNorListIsRefused) {
  for (const char* text : {R"({"a": true})", R"({"a": {}})", "{", R"({"a": "x", "a": "y"})"}) {
    const Result<Lists> lists = OptionValue<Lists>::parse(text);
    ASSERT_FALSE(lists) << text;
    EXPECT_EQ(lists.error().kind, ErrorKind::Config);
  }
}

}  // namespace
}  // namespace polarway
