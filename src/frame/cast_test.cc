#include "frame/cast.h"

#include <arrow/array.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/type_spelling.h"
#include "frame/sample_batch.h"

namespace polarway {
namespace {

using testing::HasSubstr;

std::string cast(const std::shared_ptr<arrow::DataType>& from, const std::string& json,
                 const std::string& type) {
  const auto values = sample_batch({{"x", from, json}})->column(0);
  const auto to = *parse_type(type);
  if (!can_cast(*from, *to)) return "refused";
  arrow::ProxyMemoryPool pool(arrow::default_memory_pool());
  const auto result = cast_values(*values, to, &pool);
  EXPECT_LE(pool.max_memory(), cast_bytes(*from, *to, values->length())) << json << type;
  if (!result) {
    EXPECT_EQ(result.error().kind, ErrorKind::Schema);
    return result.error().to_string();
  }
  EXPECT_TRUE((*result)->ValidateFull().ok());
  EXPECT_TRUE((*result)->type()->Equals(*to));
  std::string text;
  for (std::int64_t i = 0; i < (*result)->length(); ++i) {
    text += (i > 0 ? " " : "") + (*(*result)->GetScalar(i))->ToString();
  }
  return text;
}

TEST(Cast, NumbersStayTheSameNumbersOrAreErrors) {
  EXPECT_EQ(cast(arrow::int64(), "[127, null, -128]", "int8"), "127 null -128");
  EXPECT_EQ(cast(arrow::int64(), "[1, null, 300]", "int8"),
            "row 3: 300 has no equal among the values of int8");
  EXPECT_EQ(cast(arrow::float64(), "[2.0, null]", "int64"), "2 null");
  EXPECT_THAT(cast(arrow::float64(), "[2.5]", "int64"), HasSubstr("row 1: 2.5 has no equal"));
  EXPECT_THAT(cast(arrow::float64(), "[NaN]", "int32"), HasSubstr("nan has no equal"));
  EXPECT_THAT(cast(arrow::int64(), "[9007199254740993]", "float64"), HasSubstr("no equal"));
  EXPECT_EQ(cast(arrow::int64(), "[1152921504606846976]", "float64"), "1.152921504606847e+18");
  EXPECT_THAT(cast(arrow::float64(), "[0.1]", "float32"), HasSubstr("no equal"));
  EXPECT_EQ(cast(arrow::boolean(), "[true, false, null]", "int64"), "1 0 null");
  EXPECT_EQ(cast(arrow::uint8(), "[1, 0, null]", "bool"), "true false null");
  EXPECT_THAT(cast(arrow::int64(), "[2]", "bool"), HasSubstr("2 has no equal"));
}

TEST(Cast, DecimalsKeepTheirDigits) {
  const auto money = arrow::decimal128(10, 2);
  EXPECT_EQ(cast(money, R"(["0.10", null, "-7.00"])", "float64"), "0.1 null -7");
  EXPECT_EQ(cast(money, R"(["7.00", "-1.00"])", "int64"), "7 -1");
  EXPECT_THAT(cast(money, R"(["7.01"])", "int64"), HasSubstr("7.01 has no equal"));
  EXPECT_EQ(cast(money, R"(["7.10"])", "decimal(10, 1)"), "7.1");
  EXPECT_THAT(cast(money, R"(["7.11"])", "decimal(10, 1)"), HasSubstr("7.11 has no equal"));
  EXPECT_EQ(cast(arrow::float64(), "[0.1, null, 1e5]", "decimal(10, 2)"), "0.10 null 100000.00");
  EXPECT_THAT(cast(arrow::float64(), "[1.25]", "decimal(10, 1)"), HasSubstr("1.25 has no equal"));
  EXPECT_THAT(cast(arrow::float64(), "[1e9]", "decimal(10, 2)"), HasSubstr("no equal"));
  EXPECT_EQ(cast(arrow::int64(), "[5, null]", "decimal(19, 0)"), "5 null");
  EXPECT_THAT(cast(arrow::decimal128(20, 0), R"(["9007199254740993"])", "float64"),
              HasSubstr("no equal"));
  EXPECT_EQ(cast(money, R"(["1.50"])", "string"), "1.50");
  EXPECT_EQ(cast(money, R"(["1.00"])", "bool"), "refused");
}

TEST(Cast, TextIsReadWholeOrIsAnError) {
  EXPECT_EQ(cast(arrow::utf8(), R"(["12", null, "-7"])", "int64"), "12 null -7");
  for (const char* text : {"", " 1", "1 ", "1.0", "1e3", "x", "9223372036854775808"}) {
    EXPECT_THAT(cast(arrow::utf8(), "[\"" + std::string(text) + "\"]", "int64"),
                HasSubstr("row 1: \"" + std::string(text) + "\" has no equal"));
  }
  EXPECT_EQ(cast(arrow::large_utf8(), R"(["0.1", "1e3", "-inf", "007", null])", "float64"),
            "0.1 1000 -inf 7 null");
  for (const char* text :
       {"9007199254740993", "12345678901234567890", "1e400", "0x10", "", "1,5"}) {
    EXPECT_THAT(cast(arrow::utf8(), "[\"" + std::string(text) + "\"]", "float64"),
                HasSubstr("has no equal"))
        << text;
  }
  EXPECT_EQ(cast(arrow::utf8(), R"(["9007199254740992", "0", "-0"])", "float64"),
            "9.007199254740992e+15 0 -0");
  EXPECT_EQ(cast(arrow::utf8(), R"(["true", "False", null])", "bool"), "true false null");
  EXPECT_THAT(cast(arrow::utf8(), R"(["yes"])", "bool"), HasSubstr("no equal"));
  EXPECT_EQ(cast(arrow::utf8(), R"(["1.5"])", "decimal(5, 2)"), "1.50");
  EXPECT_THAT(cast(arrow::utf8(), R"(["1.555"])", "decimal(5, 2)"), HasSubstr("no equal"));
}

TEST(Cast, DatesAndTimesKeepTheirInstant) {
  EXPECT_EQ(cast(arrow::utf8(), R"(["2024-02-29", null])", "date"), "2024-02-29 null");
  EXPECT_THAT(cast(arrow::utf8(), R"(["2024-02-29", "2024-02-30"])", "date"),
              HasSubstr("row 2: \"2024-02-30\" has no equal"));
  EXPECT_EQ(cast(arrow::utf8(), R"(["2024-02-29 12:30:00"])", "timestamp[us]"),
            "2024-02-29 12:30:00.000000");
  EXPECT_THAT(cast(arrow::utf8(), R"(["2024-02-29 12:30:00Z"])", "timestamp[us]"),
              HasSubstr("no equal"));
  EXPECT_THAT(cast(arrow::utf8(), R"(["2024-02-29 12:30:00"])", "timestamp[us, UTC]"),
              HasSubstr("no equal"));
  EXPECT_EQ(cast(arrow::date32(), "[19782]", "timestamp[s]"), "2024-02-29 00:00:00");
  const auto us = arrow::timestamp(arrow::TimeUnit::MICRO);
  EXPECT_EQ(cast(us, R"(["2024-02-29 23:59:59", "1969-12-31 23:00:00", null])", "date"),
            "2024-02-29 1969-12-31 null");
  EXPECT_EQ(cast(us, R"(["2024-02-29 23:59:59"])", "timestamp[s]"), "2024-02-29 23:59:59");
  EXPECT_THAT(cast(us, R"(["2024-02-29 23:59:59.5"])", "timestamp[s]"), HasSubstr("no equal"));
  EXPECT_THAT(cast(arrow::date32(), "[1000000]", "timestamp[ns]"), HasSubstr("no equal"));
  EXPECT_EQ(cast(us, "[0]", "timestamp[us, UTC]"), "refused") << "which zone, it does not say";
  EXPECT_EQ(cast(arrow::date32(), "[0]", "timestamp[us, UTC]"), "refused");
}

TEST(Cast, WhatBecomesTextIsReadBackAsTheSame) {
  EXPECT_EQ(cast(arrow::int64(), "[-9223372036854775808, null]", "string"),
            "-9223372036854775808 null");
  EXPECT_EQ(cast(arrow::float64(), "[0.1, 1e300]", "string"), "0.1 1e+300");
  EXPECT_EQ(cast(arrow::boolean(), "[true, false]", "string"), "true false");
  EXPECT_EQ(cast(arrow::date32(), "[19782]", "string"), "2024-02-29");
  EXPECT_EQ(cast(arrow::timestamp(arrow::TimeUnit::MICRO), R"(["2024-02-29 12:30:00"])", "string"),
            "2024-02-29 12:30:00.000000");
  EXPECT_EQ(cast(arrow::utf8(), R"(["x", null])", "large_string"), "x null");
}

TEST(Cast, WhatHasNoOneMeaningIsRefused) {
  EXPECT_EQ(cast(arrow::int64(), "[0]", "date"), "refused");
  EXPECT_EQ(cast(arrow::int64(), "[0]", "timestamp[us]"), "refused");
  EXPECT_EQ(cast(arrow::date32(), "[0]", "int64"), "refused");
  EXPECT_EQ(cast(arrow::utf8(), "[\"x\"]", "binary"), "refused");
  EXPECT_EQ(cast(arrow::utf8(), "[\"x\"]", "list[int64]"), "refused");
  EXPECT_EQ(cast(arrow::list(arrow::int64()), "[[1]]", "string"), "refused");
  EXPECT_EQ(cast(arrow::boolean(), "[true]", "date"), "refused");
}

TEST(Cast, TheMemoryOfLongColumnsStaysWithinTheBound) {
  std::string numbers = "[";
  std::string texts = "[";
  for (int i = 0; i < 20'000; ++i) {
    numbers += std::string(i > 0 ? "," : "") + (i % 7 == 0 ? "null" : std::to_string(i * 31));
    texts += (i > 0 ? ",\"" : "\"") + std::to_string(i * 31) + "\"";
  }
  numbers += "]";
  texts += "]";
  for (const char* type : {"string", "large_string", "float64", "int32", "decimal(20, 3)"}) {
    EXPECT_THAT(cast(arrow::int64(), numbers, type), HasSubstr("31"));
    EXPECT_THAT(cast(arrow::utf8(), texts, type), HasSubstr("31"));
  }
  EXPECT_THAT(cast(arrow::float64(), numbers, "decimal(20, 3)"), HasSubstr("31.000"));
}

}  // namespace
}  // namespace polarway
