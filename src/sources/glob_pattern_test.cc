#include "sources/glob_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace polarway {
namespace {

TEST(GlobPattern, StarIsAnyTextAndQuestionMarkOneCharacter) {
  EXPECT_TRUE(matches_glob("*.csv", "a.csv"));
  EXPECT_TRUE(matches_glob("*", "a"));
  EXPECT_TRUE(matches_glob("a*b*c", "aXbbYc"));
  EXPECT_TRUE(matches_glob("a*", "a"));
  EXPECT_TRUE(matches_glob("2024-??.csv", "2024-12.csv"));
  EXPECT_TRUE(matches_glob("caf?", "caf\xC3\xA9"));
  EXPECT_TRUE(matches_glob("caf?", "caf\xE9"));
  EXPECT_FALSE(matches_glob("caf??", "caf\xC3\xA9"));
  EXPECT_FALSE(matches_glob("*.csv", "a.csv.gz"));
  EXPECT_FALSE(matches_glob("a?", "a"));
  EXPECT_FALSE(matches_glob("a*b", "acbd"));
}

TEST(GlobPattern, ASetIsOneOfItsCharactersOrRanges) {
  EXPECT_TRUE(matches_glob("a[0-9].csv", "a7.csv"));
  EXPECT_FALSE(matches_glob("a[0-9].csv", "ab.csv"));
  EXPECT_TRUE(matches_glob("[!0-9]", "x"));
  EXPECT_FALSE(matches_glob("[^x]", "x"));
  EXPECT_TRUE(matches_glob("[]]", "]"));
  EXPECT_TRUE(matches_glob("[a-]", "-"));
  EXPECT_TRUE(matches_glob("[\xC3\xA0-\xC3\xBF]", "\xC3\xA9"));
  EXPECT_TRUE(matches_glob("[*]", "*"));
  EXPECT_FALSE(matches_glob("[*]", "a"));
}

TEST(GlobPattern, ABracketThatNothingClosesIsItself) {
  EXPECT_TRUE(matches_glob("a[1.csv", "a[1.csv"));
  EXPECT_FALSE(matches_glob("a[1.csv", "a1.csv"));
}

TEST(GlobPattern, HiddenNamesMustBeAskedFor) {
  EXPECT_FALSE(matches_glob("*", ".hidden"));
  EXPECT_FALSE(matches_glob("?hidden", ".hidden"));
  EXPECT_FALSE(matches_glob("[.]hidden", ".hidden"));
  EXPECT_TRUE(matches_glob(".*", ".hidden"));
  EXPECT_TRUE(matches_glob("*", "_parts"));
}

TEST(GlobPattern, ManyStarsTakeNoLongerThanTheirProductWithTheName) {
  const std::string name(100'000, 'a');
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "*a";
  EXPECT_FALSE(matches_glob(pattern + "b", name));
  EXPECT_TRUE(matches_glob(pattern, name));
}

TEST(GlobPattern, APathIsAGlobWhenItHasOneOfTheirCharacters) {
  for (const char* path : {"data/*.csv", "a?.csv", "a[1].csv", "**"}) EXPECT_TRUE(is_glob(path));
  for (const char* path : {"data/a.csv", "", "-", "a]b"}) EXPECT_FALSE(is_glob(path));
}

}  // namespace
}  // namespace polarway
