#include "frame/literal_place.h"

#include <arrow/scalar.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace polarway {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// "= 3", "> 2" (between 2 and the next), "below", "above", or the error's text.
std::string place(const LiteralValue& literal, const std::shared_ptr<arrow::DataType>& type) {
  EXPECT_TRUE(has_place(literal, *type));
  const Result<LiteralPlace> got = place_literal(literal, type);
  if (!got) return got.error().to_string();
  switch (got->kind) {
    case LiteralPlace::Kind::Below:
      return "below";
    case LiteralPlace::Kind::Above:
      return "above";
    default:
      EXPECT_TRUE(got->value->type->Equals(*type));
      if (type->id() == arrow::Type::DOUBLE) {
        const double value = static_cast<const arrow::DoubleScalar&>(*got->value).value;
        return (got->kind == LiteralPlace::Kind::Exact ? "= " : "> ") + lit(value).to_string();
      }
      return (got->kind == LiteralPlace::Kind::Exact ? "= " : "> ") + got->value->ToString();
  }
}

LiteralValue integer(std::int64_t value) { return value; }
LiteralValue real(double value) { return value; }
LiteralValue text(std::string value) { return value; }

TEST(LiteralPlace, AnIntegerColumnHoldsIntegersOfItsRange) {
  EXPECT_EQ(place(integer(3), arrow::int64()), "= 3");
  EXPECT_EQ(place(real(3.0), arrow::int64()), "= 3");
  EXPECT_EQ(place(real(2.5), arrow::int64()), "> 2");
  EXPECT_EQ(place(real(-2.5), arrow::int64()), "> -3");
  EXPECT_EQ(place(integer(127), arrow::int8()), "= 127");
  EXPECT_EQ(place(integer(128), arrow::int8()), "above");
  EXPECT_EQ(place(real(127.5), arrow::int8()), "> 127");
  EXPECT_EQ(place(real(-128.5), arrow::int8()), "below");
  EXPECT_EQ(place(integer(-1), arrow::uint32()), "below");
  EXPECT_EQ(place(real(-0.5), arrow::uint32()), "below");
  EXPECT_EQ(place(real(-0.0), arrow::uint32()), "= 0");
  EXPECT_EQ(place(real(0x1p63), arrow::int64()), "above");
  EXPECT_EQ(place(real(0x1p63), arrow::uint64()), "= 9223372036854775808");
  EXPECT_EQ(place(real(-0x1p63), arrow::int64()), "= -9223372036854775808");
  EXPECT_EQ(place(real(1e300), arrow::uint64()), "above");
  EXPECT_EQ(place(real(kInf), arrow::int64()), "above");
  EXPECT_EQ(place(real(-kInf), arrow::int64()), "below");
  EXPECT_EQ(place(real(NAN), arrow::int64()), "above") << "NaN is greater than every number";
}

TEST(LiteralPlace, AFloatColumnHoldsTheIntegersThatItCanHoldExactly) {
  EXPECT_EQ(place(integer(3), arrow::float64()), "= 3.0");
  EXPECT_EQ(place(integer((1LL << 53) + 1), arrow::float64()), "> 9007199254740992.0");
  EXPECT_EQ(place(integer((1LL << 53) + 2), arrow::float64()), "= 9007199254740994.0");
  EXPECT_EQ(place(integer((1LL << 53) + 3), arrow::float64()), "> 9007199254740994.0");
  EXPECT_EQ(place(integer(std::numeric_limits<std::int64_t>::max()), arrow::float64()),
            "> 9223372036854774784.0");
  EXPECT_EQ(place(integer(std::numeric_limits<std::int64_t>::min()), arrow::float64()),
            "= -9223372036854775808.0");
  EXPECT_EQ(place(integer((1 << 24) + 1), arrow::float32()), "> 16777216");
}

TEST(LiteralPlace, AFloat32ColumnRoundsLiterals) {
  const Result<LiteralPlace> tenth = place_literal(0.1, arrow::float32());
  EXPECT_EQ(tenth->kind, LiteralPlace::Kind::Exact);
  EXPECT_EQ(static_cast<const arrow::FloatScalar&>(*tenth->value).value, 0.1F);
  const Result<LiteralPlace> huge = place_literal(1e300, arrow::float32());
  EXPECT_EQ(huge->kind, LiteralPlace::Kind::Between);
  EXPECT_EQ(static_cast<const arrow::FloatScalar&>(*huge->value).value,
            std::numeric_limits<float>::max());
  EXPECT_EQ(place(real(-1e300), arrow::float32()), "> -inf");
  EXPECT_EQ(place(real(kInf), arrow::float32()), "= inf");
  EXPECT_EQ(place(real(NAN), arrow::float32()), "= nan");
}

TEST(LiteralPlace, ADecimalColumnTakesTheDigitsAsTheyAreWritten) {
  const auto price = arrow::decimal128(6, 2);
  EXPECT_EQ(place(real(19.99), price), "= 19.99");
  EXPECT_EQ(place(integer(20), price), "= 20.00");
  EXPECT_EQ(place(real(19.995), price), "> 19.99");
  EXPECT_EQ(place(real(-19.995), price), "> -20.00");
  EXPECT_EQ(place(real(9999.99), price), "= 9999.99");
  EXPECT_EQ(place(integer(10000), price), "above");
  EXPECT_EQ(place(integer(-10000), price), "below");
  EXPECT_EQ(place(real(1e-300), price), "> 0.00");
  EXPECT_EQ(place(real(-1e-300), price), "> -0.01");
  EXPECT_EQ(place(real(0.0), price), "= 0.00");
  EXPECT_EQ(place(real(1e300), price), "above");
  EXPECT_EQ(place(real(-1e300), price), "below");
  EXPECT_EQ(place(real(NAN), price), "above");
  EXPECT_EQ(place(real(-kInf), price), "below");
  EXPECT_EQ(place(real(-1.5), arrow::decimal256(50, 20)), "= -1.50000000000000000000");
}

TEST(LiteralPlace, TextIsATimeForColumnsOfTimes) {
  EXPECT_EQ(place(text("2024-02-29"), arrow::date32()), "= 2024-02-29");
  EXPECT_EQ(place(text("2024-02-29 12:00"), arrow::date32()), "> 2024-02-29");
  EXPECT_EQ(place(text("1969-12-31 12:00"), arrow::date32()), "> 1969-12-31");
  EXPECT_EQ(place(text("2024-02-29"), arrow::date64()), "= 2024-02-29");
  const auto us = arrow::timestamp(arrow::TimeUnit::MICRO);
  EXPECT_EQ(place(text("2024-02-29"), us), "= 2024-02-29 00:00:00.000000");
  EXPECT_EQ(place(text("2024-02-29T12:30:00.5"), us), "= 2024-02-29 12:30:00.500000");
  const auto s = arrow::timestamp(arrow::TimeUnit::SECOND);
  EXPECT_EQ(place(text("1969-12-31T23:59:58.5"), s), "> 1969-12-31 23:59:58");
  const auto ns = arrow::timestamp(arrow::TimeUnit::NANO);
  EXPECT_EQ(place(text("1500-01-01"), ns), "below");
  EXPECT_EQ(place(text("2500-01-01"), ns), "above");
  EXPECT_THAT(place(text("yesterday"), us), testing::HasSubstr("2024-02-29T12:30:00"));
  EXPECT_THAT(place(text("2024-02-30"), arrow::date32()),
              testing::HasSubstr("\"2024-02-30\" cannot be compared with a date"));
}

TEST(LiteralPlace, AZonedColumnNeedsToKnowTheZoneUnlessItsOwnIsUtc) {
  const auto utc = arrow::timestamp(arrow::TimeUnit::MILLI, "UTC");
  const auto berlin = arrow::timestamp(arrow::TimeUnit::MILLI, "Europe/Berlin");
  EXPECT_EQ(place_literal("2024-02-29T12:00", utc)->value->ToString(),
            place_literal("2024-02-29T13:00+01:00", utc)->value->ToString());
  EXPECT_EQ(place_literal("2024-02-29T12:00Z", berlin)->kind, LiteralPlace::Kind::Exact);
  EXPECT_THAT(place(text("2024-02-29T12:00"), berlin), testing::HasSubstr("in which zone"));
  EXPECT_THAT(place(text("2024-02-29T12:00Z"), arrow::timestamp(arrow::TimeUnit::MILLI)),
              testing::HasSubstr("has no time zone"));
}

TEST(LiteralPlace, WhatDoesNotCompareHasNoPlace) {
  EXPECT_FALSE(has_place(text("3"), *arrow::int64()));
  EXPECT_FALSE(has_place(integer(3), *arrow::utf8()));
  EXPECT_FALSE(has_place(integer(1), *arrow::boolean()));
  EXPECT_FALSE(has_place(true, *arrow::int64()));
  EXPECT_FALSE(has_place(real(1), *arrow::date32()));
  EXPECT_FALSE(has_place(integer(1), *arrow::list(arrow::int64())));
  EXPECT_FALSE(has_place(text("a"), *arrow::binary()));
}

}  // namespace
}  // namespace polarway
