#include "core/quoted_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace polarway {
namespace {

TEST(QuotedJson, IsReadBackAsTheTextItWas) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string text = std::string("a") + static_cast<char>(c) + "b\xC3\xA9";
    EXPECT_EQ(nlohmann::json::parse(quoted_json(text)).get<std::string>(), text) << c;
  }
  EXPECT_EQ(quoted_json(""), "\"\"");
}

}  // namespace
}  // namespace polarway
