#include "core/format_bytes.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace polarway {
namespace {

TEST(FormatBytes, UnitsArePowersOfAThousand) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(999), "999 B");
  EXPECT_EQ(format_bytes(1'000), "1.0 KB");
  EXPECT_EQ(format_bytes(63'000'000), "63.0 MB");
  EXPECT_EQ(format_bytes(2'540'000'000), "2.5 GB");
  EXPECT_EQ(format_bytes(INT64_MAX), "9.2 EB");
}

TEST(FormatBytes, NothingIsAThousandOfAUnit) {
  EXPECT_EQ(format_bytes(999'949), "999.9 KB");
  EXPECT_EQ(format_bytes(999'950), "1.0 MB");
  EXPECT_EQ(format_bytes(999'999'999), "1.0 GB");
}

TEST(FormatBytes, NegativeSizesKeepTheirSign) {
  EXPECT_EQ(format_bytes(-1), "-1 B");
  EXPECT_EQ(format_bytes(-1'500), "-1.5 KB");
  EXPECT_EQ(format_bytes(INT64_MIN), "-9.2 EB");
}

}  // namespace
}  // namespace polarway
