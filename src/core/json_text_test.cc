#include "core/json_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace polarway {
namespace {

using ::testing::HasSubstr;

TEST(JsonText, ObjectsKeepTheOrderOfTheirKeys) {
  const auto got = parse_json_object(R"( {"z": 1, "a": {"z": 2, "a": []}} )");
  ASSERT_TRUE(got);
  EXPECT_EQ(to_line(*got), R"({"z":1,"a":{"z":2,"a":[]}})");
}

TEST(JsonText, WhatIsNoObjectIsAConfigError) {
  for (const char* text :
       {"", "{", "[]", "1", "null", "{} {}", "{\"a\":}", "{\"a\": \"\xFF\"}", "{'a': 1}"}) {
    const auto got = parse_json_object(text);
    ASSERT_FALSE(got) << text;
    EXPECT_EQ(got.error().kind, ErrorKind::Config);
    EXPECT_THAT(got.error().message, HasSubstr("is not a JSON object")) << text;
  }
}

TEST(JsonText, AKeyThatOccursTwiceInOneObjectIsRefused) {
  EXPECT_THAT(parse_json_object(R"({"a": 1, "a": 1})").error().message,
              HasSubstr("\"a\" occurs twice"));
  EXPECT_THAT(parse_json_object(R"({"b": [{"a": 1}, {"c": 1, "c": 2}]})").error().message,
              HasSubstr("\"c\" occurs"));
  EXPECT_TRUE(parse_json_object(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})"));
}

TEST(JsonText, NestingWithoutEndIsNoDanger) {
  const std::string deep = "{\"a\":" + std::string(100'000, '[');
  EXPECT_FALSE(parse_json_object(deep));
}

TEST(JsonText, AnyBytesComeBackAsTheyWere) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (const std::string& bytes :
       {std::string(), std::string("Zürich\n\0", 9), std::string("\xFF"), all}) {
    const Json json = bytes_to_json(bytes);
    EXPECT_EQ(bytes_from_json(json), bytes);
    EXPECT_EQ(bytes_from_json(Json::parse(to_line(json))), bytes);
  }
  EXPECT_EQ(to_line(bytes_to_json("\xFF\x01")), R"({"hex":"ff01"})");
}

TEST(JsonText, WhatStandsForNoBytesIsNotTakenForSome) {
  for (const char* text :
       {"1", "null", "[]", "{}", R"({"hex": 1})", R"({"hex": "f"})", R"({"hex": "fg"})",
        R"({"hex": "0x"})", R"({"hex": "-1"})", R"({"hex": "ff", "more": 1})"}) {
    EXPECT_EQ(bytes_from_json(Json::parse(text)), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace polarway
