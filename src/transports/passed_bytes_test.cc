#include "transports/passed_bytes.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace polarway {
namespace {

// What is new of `text`, in pieces; "changed" when it is another text.
std::string take(PassedBytes& passed, std::string_view text, std::size_t cut) {
  std::string fresh;
  bool has_changed = false;
  for (; !text.empty(); text.remove_prefix(std::min(cut, text.size()))) {
    const std::string_view piece = text.substr(0, cut);
    const auto got = passed.take(
        {reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size()}, has_changed);
    if (has_changed) return "changed";
    fresh.append(reinterpret_cast<const char*>(got.data()), got.size());
  }
  return fresh;
}

TEST(PassedBytes, WhatWasHandedOnIsNotHandedOnAgain) {
  for (std::size_t cut = 1; cut < 12; ++cut) {
    PassedBytes passed;
    EXPECT_EQ(take(passed, "0123456", cut), "0123456");
    passed.start_over();
    EXPECT_FALSE(passed.has_caught_up());
    EXPECT_EQ(take(passed, "012", cut), "");  // broke off before the place
    passed.start_over();
    EXPECT_EQ(take(passed, "0123456789", cut), "789");
    EXPECT_TRUE(passed.has_caught_up());
    passed.start_over();
    EXPECT_EQ(take(passed, "0123456789abc", cut), "abc");
  }
}

TEST(PassedBytes, AnotherTextIsNoticed) {
  for (std::size_t cut = 1; cut < 12; ++cut) {
    PassedBytes passed;
    take(passed, "0123456", cut);
    passed.start_over();
    EXPECT_EQ(take(passed, "01x34567", cut), "changed");
    passed.clear();
    EXPECT_EQ(take(passed, "01x3", cut), "01x3");
  }
}

}  // namespace
}  // namespace polarway
