#include "frame/exact_number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace polarway {
namespace {

template <class To, class From>
bool fits(From value) {
  To out{};
  return exact_number(value, out) &&
         (static_cast<long double>(out) == static_cast<long double>(value));
}

TEST(ExactNumber, IntegersFitWhereTheirValueDoes) {
  EXPECT_TRUE((fits<std::int8_t>(std::int64_t{-128})));
  EXPECT_FALSE((fits<std::int8_t>(std::int64_t{128})));
  EXPECT_FALSE((fits<std::uint64_t>(std::int64_t{-1})));
  EXPECT_FALSE((fits<std::int64_t>(std::numeric_limits<std::uint64_t>::max())));
  EXPECT_TRUE((fits<std::uint64_t>(std::numeric_limits<std::int64_t>::max())));
}

TEST(ExactNumber, FloatsFitIntegersWhereTheyAreWholeAndInRange) {
  EXPECT_TRUE((fits<std::int64_t>(-0x1p63)));
  EXPECT_FALSE((fits<std::int64_t>(0x1p63)));
  EXPECT_FALSE((fits<std::int64_t>(1.5)));
  EXPECT_FALSE((fits<std::uint8_t>(-1.0)));
  EXPECT_TRUE((fits<std::uint64_t>(0x1p63f)));
  EXPECT_FALSE((fits<std::uint64_t>(0x1p64)));
  for (const double value : {std::nan(""), std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::infinity()}) {
    std::int64_t out = 0;
    EXPECT_FALSE(exact_number(value, out));
  }
}

TEST(ExactNumber, FloatsHoldTheIntegersThatTheyCan) {
  EXPECT_TRUE((fits<double>(std::int64_t{1} << 53)));
  EXPECT_FALSE((fits<double>((std::int64_t{1} << 53) + 1)));
  EXPECT_TRUE((fits<double>(std::int64_t{1} << 60)));
  EXPECT_FALSE((fits<double>(std::numeric_limits<std::int64_t>::max())));
  EXPECT_FALSE((fits<float>(std::int32_t{16'777'217})));
}

TEST(ExactNumber, AFloat32HoldsFewFloat64s) {
  EXPECT_TRUE((fits<float>(0.5)));
  EXPECT_FALSE((fits<float>(0.1)));
  EXPECT_FALSE((fits<float>(1e300)));
  float out = 0;
  EXPECT_TRUE(exact_number(std::nan(""), out));
  EXPECT_TRUE(std::isnan(out));
  EXPECT_TRUE(exact_number(std::numeric_limits<double>::infinity(), out));
}

TEST(ExactNumber, OnlyZeroAndOneAreBooleans) {
  EXPECT_TRUE((fits<bool>(std::int64_t{1})));
  EXPECT_TRUE((fits<bool>(0.0)));
  EXPECT_FALSE((fits<bool>(std::int64_t{2})));
  EXPECT_FALSE((fits<bool>(0.5)));
  EXPECT_TRUE((fits<std::int8_t>(true)));
}

}  // namespace
}  // namespace polarway
