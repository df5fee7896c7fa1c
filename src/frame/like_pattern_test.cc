#include "frame/like_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

namespace polarway {
namespace {

using testing::HasSubstr;

bool like(std::string_view text, std::string_view pattern, std::string_view escape = {}) {
  const Result<LikePattern> compiled = LikePattern::parse(pattern, escape);
  EXPECT_TRUE(compiled) << pattern;
  return compiled && compiled->matches(text);
}

TEST(LikePattern, PercentIsAnyTextAndTheWholeMustMatch) {
  EXPECT_TRUE(like("Ada", "Ada"));
  EXPECT_FALSE(like("Ada ", "Ada"));
  EXPECT_FALSE(like("ada", "Ada"));
  EXPECT_TRUE(like("Ada", "%"));
  EXPECT_TRUE(like("", "%"));
  EXPECT_TRUE(like("", ""));
  EXPECT_FALSE(like("a", ""));
  EXPECT_TRUE(like("Ada Lovelace", "Ada%"));
  EXPECT_TRUE(like("Ada Lovelace", "%lace"));
  EXPECT_TRUE(like("Ada Lovelace", "%Love%"));
  EXPECT_TRUE(like("Ada Lovelace", "A%L%e"));
  EXPECT_FALSE(like("aba", "aba%aba")) << "what one part has matched, another cannot";
  EXPECT_TRUE(like("abaaba", "aba%%aba"));
  EXPECT_TRUE(like("line\nbreak", "line%break"));
  EXPECT_TRUE(like(std::string_view("a\0b", 3), "a%b"));
}

TEST(LikePattern, UnderscoreIsOneCharacterHoweverManyBytes) {
  EXPECT_TRUE(like("größe", "gr__e"));
  EXPECT_FALSE(like("grße", "gr__e"));
  EXPECT_TRUE(like("xé", "%_é"));
  EXPECT_TRUE(like("éx", "%é_"));
  EXPECT_FALSE(like("é", "%_é"));
  EXPECT_TRUE(like("日本語", "___"));
  EXPECT_FALSE(like("日本語", "__"));
  EXPECT_TRUE(like("日本語", "%_語"));
  EXPECT_TRUE(like("日本語", "_本%"));
  EXPECT_TRUE(like("abcabd", "%_bd"));
  EXPECT_TRUE(like("abcabd", "%b_a%"));
  EXPECT_FALSE(like("", "_"));
  EXPECT_FALSE(like("\n", "__"));
}

TEST(LikePattern, OnlyTheEscapeThatIsGivenEscapes) {
  EXPECT_TRUE(like("a\\b", "a\\_"));
  EXPECT_TRUE(like("50%", "50!%", "!"));
  EXPECT_FALSE(like("500", "50!%", "!"));
  EXPECT_TRUE(like("a_b", "a§_b", "§"));
  EXPECT_FALSE(like("axb", "a§_b", "§"));
  EXPECT_TRUE(like("a!b", "a!!b", "!"));
  EXPECT_TRUE(like("C:\\x", "C:\\\\%", "\\"));
  EXPECT_TRUE(like("a.b*", "a.b*")) << "no regular expression";
  EXPECT_FALSE(like("axb", "a.b"));
}

TEST(LikePattern, AnEscapeThatEscapesNothingIsAnError) {
  EXPECT_THAT(LikePattern::parse("a!", "!").error().message, HasSubstr("has no %, _ or \"!\""));
  EXPECT_THAT(LikePattern::parse("a!b", "!").error().message, HasSubstr("behind it"));
  EXPECT_THAT(LikePattern::parse("a", "!!").error().message, HasSubstr("not one character"));
}

// By definition: each way to spend the text on the pattern.
bool slowly(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') {
    return slowly(text, pattern.substr(1)) || (!text.empty() && slowly(text.substr(1), pattern));
  }
  return !text.empty() && (pattern[0] == '_' || pattern[0] == text[0]) &&
         slowly(text.substr(1), pattern.substr(1));
}

TEST(LikePattern, EveryTextMatchesAsTheDefinitionSays) {
  std::mt19937_64 random(11);
  const auto word = [&](std::string_view letters, std::size_t longest) {
    std::string text;
    for (std::size_t n = random() % (longest + 1); n > 0; --n) {
      text += letters[random() % letters.size()];
    }
    return text;
  };
  int matches = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::string text = word("ab", 9);
    const std::string pattern = word("ab%_", 6);
    const bool expected = slowly(text, pattern);
    ASSERT_EQ(like(text, pattern), expected) << text << " like " << pattern;
    matches += expected ? 1 : 0;
  }
  EXPECT_GT(matches, 10'000);
}

}  // namespace
}  // namespace polarway
