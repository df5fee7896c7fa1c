#include "core/stream_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace polarway {
namespace {

using ::testing::HasSubstr;

Result<void> validity(const std::map<std::string, std::string>& given) {
  POLARWAY_TRY(const StreamOptions options, stream_option_table().parse(given));
  return options.validate();
}

TEST(StreamOptions, TheDefaultsAreTheUserGuidesRulesAndValid) {
  EXPECT_TRUE(validity({}));
  const StreamOptions options;
  EXPECT_EQ(options.shrink_above, 0.80);
  EXPECT_EQ(options.shrink_factor, 0.5);
  EXPECT_EQ(options.grow_below, 0.50);
  EXPECT_EQ(options.grow_factor, 1.25);
  EXPECT_EQ(options.pause_above, 0.90);
  EXPECT_EQ(options.resume_below, 0.70);
}

TEST(StreamOptions, WhatIsShownAsDefaultsIsTheDefaults) {
  std::map<std::string, std::string> shown;
  for (const OptionInfo& info : stream_option_table().describe())
    shown[info.name] = info.default_value;
  EXPECT_EQ(shown.at("policy"), "classic");
  EXPECT_EQ(shown.at("shrink_above"), "0.8");
  EXPECT_EQ(shown.at("max_chunk_bytes"), "64MiB");
  EXPECT_EQ(shown.at("min_chunk_bytes"), "256KiB");
  EXPECT_TRUE(validity(shown));
}

TEST(StreamOptions, EachIsReadUnderItsName) {
  const auto got = stream_option_table().parse({{"shrink_above", "0.7"},
                                                {"grow_factor", "2"},
                                                {"min_chunk_size", "100"},
                                                {"max_chunk_bytes", "8MiB"},
                                                {"held_timeout_ms", "250"}});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->shrink_above, 0.7);
  EXPECT_EQ(got->grow_factor, 2);
  EXPECT_EQ(got->min_chunk_size, 100);
  EXPECT_EQ(got->max_chunk_bytes.value, 8 << 20);
  EXPECT_EQ(got->held_timeout_ms, 250);
}

TEST(StreamOptions, NonsenseIsAConfigErrorThatNamesTheOption) {
  const std::map<std::string, std::string> nonsense[] = {
      {{"shrink_above", "0"}},       {{"shrink_above", "1.01"}}, {{"shrink_factor", "0"}},
      {{"shrink_factor", "-0.5"}},   {{"grow_below", "0.8"}},    {{"grow_factor", "0.99"}},
      {{"grow_factor", "1e300"}},    {{"pause_above", "80"}},    {{"resume_below", "0.9"}},
      {{"resume_below", "0"}},       {{"min_chunk_size", "0"}},  {{"min_chunk_bytes", "0"}},
      {{"max_chunk_bytes", "1KiB"}}, {{"prefetch_depth", "-1"}}, {{"prefetch_depth", "65"}},
      {{"held_timeout_ms", "-1"}},   {{"policy", "modern"}}};
  for (const auto& given : nonsense) {
    const Result<void> got = validity(given);
    ASSERT_FALSE(got) << given.begin()->first << "=" << given.begin()->second;
    EXPECT_EQ(got.error().kind, ErrorKind::Config);
    EXPECT_THAT(got.error().message, HasSubstr("option \"" + given.begin()->first + "\""));
  }
}

TEST(StreamOptions, TwoThatContradictEachOtherAreBothNamed) {
  const Result<void> got = validity({{"pause_above", "0.5"}, {"resume_below", "0.6"}});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message,
            "option \"resume_below\" is 0.6, but must be below \"pause_above\", which is 0.5");
}

}  // namespace
}  // namespace polarway
