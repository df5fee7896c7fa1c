#include "core/nearest_name.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace polarway {
namespace {

const std::vector<std::string> kKnown = {"delimiter",  "has_header", "skip_rows",
                                         "quote_char", "age",        "id"};

TEST(NearestName, OneOrTwoSlipsAreForgiven) {
  EXPECT_EQ(did_you_mean("delimeter", kKnown), "did you mean \"delimiter\"?");
  EXPECT_EQ(did_you_mean("delimitr", kKnown), "did you mean \"delimiter\"?");
  EXPECT_EQ(did_you_mean("has-heade", kKnown), "did you mean \"has_header\"?");
}

TEST(NearestName, SwappedNeighboursCountOnce) {
  EXPECT_EQ(did_you_mean("aeg", kKnown), "did you mean \"age\"?");
  EXPECT_EQ(did_you_mean("di", kKnown), "did you mean \"id\"?");
}

TEST(NearestName, CaseDoesNotMatter) {
  EXPECT_EQ(did_you_mean("AGE", kKnown), "did you mean \"age\"?");
  EXPECT_EQ(did_you_mean("Skip_Rows", kKnown), "did you mean \"skip_rows\"?");
}

TEST(NearestName, WhatIsFarAwayGetsNoAnswer) {
  EXPECT_EQ(did_you_mean("brokers", kKnown), "");
  EXPECT_EQ(did_you_mean("x", kKnown), "");
  EXPECT_EQ(did_you_mean("", kKnown), "");
  EXPECT_EQ(did_you_mean("delimiter", {}), "");
}

TEST(NearestName, TheNearestWinsAndThenTheFirst) {
  const std::vector<std::string> names = {"column_b", "column_a", "columns"};
  EXPECT_EQ(did_you_mean("column_", names), "did you mean \"column_b\"?");
  EXPECT_EQ(did_you_mean("column", names), "did you mean \"columns\"?");
}

}  // namespace
}  // namespace polarway
