#include "formats/json/string_text.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace polarway::json {
namespace {

std::optional<std::string> unescaped(const std::string& text) {
  std::string room(text.size(), '\0');
  char* const end = unescape(text, room.data());
  if (end == nullptr) return std::nullopt;
  room.resize(static_cast<std::size_t>(end - room.data()));
  return room;
}

TEST(JsonString, EscapesMeanTheirCharacters) {
  EXPECT_EQ(unescaped(R"(a\"\\\/\b\f\n\r\tz)"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(unescaped(R"(\u0041\u00e9\u20AC\ud834\udd1e)"), "A\u00e9\u20ac\U0001d11e");
  EXPECT_EQ(unescaped(R"(\u0000)"), std::string(1, '\0'));
  EXPECT_EQ(unescaped("plain"), "plain");
}

TEST(JsonString, WhatMeansNoCharacterIsRefused) {
  for (const char* text : {R"(\)", R"(\x)", R"(\u12)", R"(\u12G4)", R"(\ud800)", R"(\udc00)",
                           R"(\ud800\u0041)", R"(\ud800\ud800)", R"(\ud800x)", R"(\U0041)"}) {
    EXPECT_EQ(unescaped(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace polarway::json
