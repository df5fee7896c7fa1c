#include "frame/bound_expr.h"

#include <arrow/compute/api_vector.h>
#include <arrow/memory_pool.h>
#include <arrow/scalar.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>

#include "frame/expr_node.h"
#include "frame/sample_batch.h"

namespace polarway {
namespace {

using testing::HasSubstr;
using Batch = std::shared_ptr<arrow::RecordBatch>;

Result<std::shared_ptr<arrow::Array>> evaluate(const Expr& expr, const Batch& batch) {
  POLARWAY_TRY(const BoundExpr bound, bind(expr, *batch->schema()));
  {
    arrow::ProxyMemoryPool pool(arrow::default_memory_pool());
    POLARWAY_CHECK(bound.evaluate(*batch, &pool));
    EXPECT_LE(pool.max_memory(), bound.peak_bytes(*batch)) << expr.to_string();
    EXPECT_EQ(pool.bytes_allocated(), 0) << expr.to_string();
  }
  POLARWAY_TRY(auto array, bound.evaluate(*batch, arrow::default_memory_pool()));
  EXPECT_TRUE(array->ValidateFull().ok()) << expr.to_string();
  EXPECT_TRUE(array->type()->Equals(*bound.type())) << expr.to_string();
  EXPECT_EQ(array->length(), batch->num_rows()) << expr.to_string();
  return array;
}

// The values as "[1, null, 2]", or the error.
std::string values(const std::string& text, const Batch& batch) {
  const Result<Expr> expr = parse_expr(text);
  if (!expr) return expr.error().to_string();
  const auto array = evaluate(*expr, batch);
  if (!array) return std::string(to_string(array.error().kind)) + ": " + array.error().to_string();
  std::string out = "[";
  for (std::int64_t i = 0; i < (*array)->length(); ++i) {
    out += (i > 0 ? ", " : "") + (*array)->GetScalar(i).ValueOrDie()->ToString();
  }
  return out + "]";
}

// Truth values as a letter per row: T, F, or - for null.
std::string truth(const std::string& text, const Batch& batch) {
  const Result<Expr> expr = parse_expr(text);
  if (!expr) return expr.error().to_string();
  const auto array = evaluate(*expr, batch);
  if (!array) return std::string(to_string(array.error().kind)) + ": " + array.error().to_string();
  if ((*array)->type_id() != arrow::Type::BOOL) return "not boolean";
  const auto& booleans = static_cast<const arrow::BooleanArray&>(**array);
  std::string out;
  for (std::int64_t i = 0; i < booleans.length(); ++i) {
    out += booleans.IsNull(i) ? '-' : booleans.Value(i) ? 'T' : 'F';
  }
  return out;
}

TEST(BoundExpr, AndOrAndNotFollowKleene) {
  const Batch batch = sample_batch(
      {{"a", arrow::boolean(), "[true, true, true, false, false, false, null, null, null]"},
       {"b", arrow::boolean(), "[true, false, null, true, false, null, true, false, null]"}});
  EXPECT_EQ(truth("a and b", batch), "TF-FFF-F-");
  EXPECT_EQ(truth("a or b", batch), "TTTTF-T--");
  EXPECT_EQ(truth("not a", batch), "FFFTTT---");
  EXPECT_EQ(truth("a = b", batch), "TF-FT----");
  EXPECT_EQ(truth("a < b", batch), "FF-TF----");
  EXPECT_EQ(truth("a is null", batch), "FFFFFFTTT");
  EXPECT_EQ(truth("a is not null and a", batch), "TTTFFFFFF");
  EXPECT_EQ(truth("a and null", batch), "---FFF---");
  EXPECT_EQ(truth("a or true", batch), "TTTTTTTTT");
  EXPECT_EQ(truth("a in (true, false)", batch), "TTTTTT---");
}

TEST(BoundExpr, ComparisonsAreNullWhereASideIs) {
  const Batch batch = sample_batch(
      {{"a", arrow::int64(), "[1, 2, null, 3]"}, {"b", arrow::int64(), "[1, null, 2, 2]"}});
  EXPECT_EQ(truth("a = b", batch), "T--F");
  EXPECT_EQ(truth("a != b", batch), "F--T");
  EXPECT_EQ(truth("a < 2", batch), "TF-F");
  EXPECT_EQ(truth("2 < a", batch), "FF-T");
  EXPECT_EQ(truth("a = null", batch), "----");
  EXPECT_EQ(truth("null is null", batch), "TTTT");
  EXPECT_EQ(truth("a between 2 and 3", batch), "FT-T");
  EXPECT_EQ(truth("a between b and 3", batch), "T--T");
  EXPECT_EQ(truth("a between b and 0", batch), "FF-F") << "null and false is false";
  EXPECT_EQ(truth("a not between 2 and 3", batch), "TF-F");
  EXPECT_EQ(truth("1 < 2", batch), "TTTT");
  EXPECT_EQ(truth("1 = 1.5", batch), "FFFF");
}

TEST(BoundExpr, NaNEqualsItselfAndIsGreaterThanEveryNumber) {
  const Batch batch =
      sample_batch({{"x", arrow::float64(), "[NaN, NaN, NaN, 1, Inf, null, -Inf, 1]"},
                    {"y", arrow::float64(), "[NaN, 1, Inf, NaN, NaN, NaN, 1, null]"}});
  EXPECT_EQ(truth("x = y", batch), "TFFFF-F-");
  EXPECT_EQ(truth("x != y", batch), "FTTTT-T-");
  EXPECT_EQ(truth("x < y", batch), "FFFTT-T-");
  EXPECT_EQ(truth("x <= y", batch), "TFFTT-T-");
  EXPECT_EQ(truth("x > y", batch), "FTTFF-F-");
  EXPECT_EQ(truth("x >= y", batch), "TTTFF-F-");
  EXPECT_EQ(truth("x = 1", batch), "FFFTF-FT");
  EXPECT_EQ(truth("x != 1", batch), "TTTFT-TF");
  EXPECT_EQ(truth("x < 2", batch), "FFFTF-TT");
  EXPECT_EQ(truth("x > 2", batch), "TTTFT-FF");
  EXPECT_EQ(truth("x >= 1", batch), "TTTTT-FT");
  EXPECT_EQ(truth("x = nan", batch), "TTTFF-FF");
  EXPECT_EQ(truth("x != nan", batch), "FFFTT-TT");
  EXPECT_EQ(truth("x < nan", batch), "FFFTT-TT");
  EXPECT_EQ(truth("x <= nan", batch), "TTTTT-TT");
  EXPECT_EQ(truth("x > nan", batch), "FFFFF-FF");
  EXPECT_EQ(truth("x >= nan", batch), "TTTFF-FF");
  EXPECT_EQ(truth("x in (nan, 1)", batch), "TTTTF-FT");
  EXPECT_EQ(truth("x in (nan, null)", batch), "TTT-----");
  EXPECT_EQ(truth("x between 1 and nan", batch), "TTTTT-FT");
  EXPECT_EQ(truth("-x = nan", batch), "TTTFF-FF") << "whatever the NaN's bits";
  EXPECT_EQ(truth("-x in (nan)", batch), "TTTFF-FF");
}

TEST(BoundExpr, ZeroHasNoSign) {
  const Batch batch = sample_batch({{"x", arrow::float64(), "[0.0, -0.0, 1]"}});
  EXPECT_EQ(truth("x = 0", batch), "TTF");
  EXPECT_EQ(truth("x in (0)", batch), "TTF");
  EXPECT_EQ(truth("x in (-0.0)", batch), "TTF");
  EXPECT_EQ(truth("x < 0.0", batch), "FFF");
}

TEST(BoundExpr, IntegersCompareWithLiteralsExactly) {
  const Batch batch = sample_batch({{"i", arrow::int64(), "[2, 3, null, 9007199254740993, -3]"},
                                    {"u", arrow::uint64(), "[2, 3, null, 18446744073709551615, 0]"},
                                    {"s", arrow::int8(), "[2, 3, null, 127, -128]"},
                                    {"f", arrow::float64(), "[2, 3, null, 9007199254740992, -3]"}});
  EXPECT_EQ(truth("i > 2.5", batch), "FT-TF");
  EXPECT_EQ(truth("i <= 2.5", batch), "TF-FT");
  EXPECT_EQ(truth("i = 2.5", batch), "FF-FF");
  EXPECT_EQ(truth("i != 2.5", batch), "TT-TT");
  EXPECT_EQ(truth("i = 9007199254740992.0", batch), "FF-FF");
  EXPECT_EQ(truth("i < inf and i > -inf", batch), "TT-TT");
  EXPECT_EQ(truth("i < nan", batch), "TT-TT");
  EXPECT_EQ(truth("i >= -2.5", batch), "TT-TF");
  EXPECT_EQ(truth("f = 9007199254740993", batch), "FF-FF");
  EXPECT_EQ(truth("f < 9007199254740993", batch), "TT-TT");
  EXPECT_EQ(truth("f >= 9007199254740993", batch), "FF-FF");
  EXPECT_EQ(truth("s < 1000", batch), "TT-TT");
  EXPECT_EQ(truth("s = 1000", batch), "FF-FF");
  EXPECT_EQ(truth("s >= -1000", batch), "TT-TT");
  EXPECT_EQ(truth("u > -1", batch), "TT-TT");
  EXPECT_EQ(truth("u = -1", batch), "FF-FF");
  EXPECT_EQ(truth("u > i", batch), "FF-TT") << "as numbers, not as bits";
  EXPECT_EQ(truth("u = s", batch), "TT-FF");
  EXPECT_EQ(truth("i in (2, 3.0, 3.5, 99999999999)", batch), "TT-FF");
  EXPECT_EQ(truth("s in (300, 2)", batch), "TF-FF");
  EXPECT_EQ(truth("f in (2, 9007199254740993)", batch), "TF-FF");
}

TEST(BoundExpr, DecimalsCompareByTheirDigits) {
  const Batch batch =
      sample_batch({{"p", arrow::decimal128(6, 2), R"(["0.10", "19.99", null, "20.00"])"},
                    {"q", arrow::decimal128(8, 4), R"(["0.1000", "20.0000", null, "1.0000"])"},
                    {"i", arrow::int32(), "[0, 20, null, 20]"},
                    {"l", arrow::int64(), "[0, 20, null, 20]"},
                    {"f", arrow::float64(), "[0.5, 20, null, 20]"}});
  EXPECT_EQ(truth("p = 0.1", batch), "TF-F");
  EXPECT_EQ(truth("p > 19.985", batch), "FT-T");
  EXPECT_EQ(truth("p < 1e10", batch), "TT-T");
  EXPECT_EQ(truth("p in (0.1, 20, 0.123)", batch), "TF-T");
  EXPECT_EQ(truth("p = q", batch), "TF-F");
  EXPECT_EQ(truth("p = i", batch), "FF-T");
  EXPECT_EQ(truth("p < f", batch), "TT-F");
  EXPECT_EQ(values("p + p", batch), "[0.20, 39.98, null, 40.00]");
  EXPECT_EQ(values("p * 2", batch), "[0.20, 39.98, null, 40.00]");
  EXPECT_EQ(values("-p", batch), "[-0.10, -19.99, null, -20.00]");
  EXPECT_EQ(values("p + i", batch), "[0.10, 39.99, null, 40.00]");
  EXPECT_EQ(truth("p = l", batch), "FF-T");
  EXPECT_EQ(values("p / 5", batch).substr(0, 6), "[0.02,");
  EXPECT_EQ(values("p + 0.5", batch).substr(0, 5), "[0.6,") << "a float64";
}

TEST(BoundExpr, TextComparesWithText) {
  const Batch batch = sample_batch(
      {{"name", arrow::utf8(), R"(["Ada", "Bob", null, ""])"},
       {"large", arrow::large_utf8(), R"(["Ada", "Abe", null, ""])"},
       {"code", arrow::dictionary(arrow::int32(), arrow::utf8()), R"(["Ada", "Bob", null, "Ada"])"},
       {"view", arrow::utf8_view(), R"(["Ada", "a view that is not inlined", null, ""])"}});
  EXPECT_EQ(truth("name = 'Ada'", batch), "TF-F");
  EXPECT_EQ(truth("name >= 'B'", batch), "FT-F");
  EXPECT_EQ(truth("name in ('Ada', '')", batch), "TF-T");
  EXPECT_EQ(truth("name in ('Ada', null)", batch), "T---") << "as in SQL";
  EXPECT_EQ(truth("name in ()", batch), "FF-F");
  EXPECT_EQ(truth("name between 'A' and 'B'", batch), "TF-F");
  EXPECT_EQ(truth("large = 'Ada'", batch), "TF-F");
  EXPECT_EQ(truth("large = name", batch), "TF-T");
  EXPECT_EQ(truth("code = 'Ada'", batch), "TF-T");
  EXPECT_EQ(truth("code = name", batch), "TT-F");
  EXPECT_EQ(truth("code in ('Bob')", batch), "FT-F");
  EXPECT_EQ(truth("view = name", batch), "TF-T");
  EXPECT_EQ(truth("view > 'a'", batch), "FT-F");
  EXPECT_EQ(truth("view is null", batch), "FFTF");
}

TEST(BoundExpr, DatesAndTimestampsCompareWithEachOtherAndWithText) {
  const auto us = arrow::timestamp(arrow::TimeUnit::MICRO);
  const auto utc = arrow::timestamp(arrow::TimeUnit::MILLI, "UTC");
  const Batch batch = sample_batch(
      {{"d", arrow::date32(), R"([19782, 19783, null])"},  // 2024-02-29, 2024-03-01
       {"e", arrow::date64(), R"([1709164800000, 1709164800000, null])"},
       {"t", us, R"(["2024-02-29 00:00:00", "2024-02-29 12:00:00", null])"},
       {"s", arrow::timestamp(arrow::TimeUnit::SECOND), R"(["2024-02-29", "2024-02-29", null])"},
       {"z", utc, R"(["2024-02-29 00:00:00", "2024-02-29 12:00:00", null])"}});
  EXPECT_EQ(truth("d = '2024-02-29'", batch), "TF-");
  EXPECT_EQ(truth("d > '2024-02-29 12:00'", batch), "FT-");
  EXPECT_EQ(truth("'2024-03-01' = d", batch), "FT-");
  EXPECT_EQ(truth("d in ('2024-02-29', '2024-02-29T01:00')", batch), "TF-");
  EXPECT_EQ(truth("d between '2024-01-01' and '2024-02-29'", batch), "TF-");
  EXPECT_EQ(truth("d = e", batch), "TF-");
  EXPECT_EQ(truth("d = t", batch), "TF-");
  EXPECT_EQ(truth("t >= s", batch), "TT-");
  EXPECT_EQ(truth("t > '2024-02-29T11:59:59.999999'", batch), "FT-");
  EXPECT_EQ(truth("t < '2024-02-29 00:00:00.000000001'", batch), "TF-");
  EXPECT_EQ(truth("z = '2024-02-29T13:00+01:00'", batch), "FT-");
  EXPECT_EQ(truth("z = '2024-02-29'", batch), "TF-");
  EXPECT_THAT(truth("d = 'today'", batch), HasSubstr("Config: \"today\" cannot be compared"));
  EXPECT_THAT(truth("d = 3", batch),
              HasSubstr("Config: cannot compare date with int64 in \"d = 3\""));
  EXPECT_THAT(truth("z = t", batch),
              HasSubstr("cannot compare timestamp[ms, UTC] with timestamp[us]"));
  EXPECT_THAT(truth("z = d", batch), HasSubstr("cannot compare"));
}

TEST(BoundExpr, IntegersComputeExactlyOrNotAtAll) {
  const Batch batch = sample_batch({{"i", arrow::int64(), "[9223372036854775807, 1, null]"},
                                    {"s", arrow::int8(), "[127, -128, null]"},
                                    {"u", arrow::uint64(), "[18446744073709551615, 1, null]"}});
  EXPECT_EQ(values("s + 1", batch), "[128, -127, null]") << "no wrap at 8 bits";
  EXPECT_EQ(values("-s * 2", batch), "[-254, 256, null]");
  EXPECT_EQ(values("i - 1", batch), "[9223372036854775806, 0, null]");
  EXPECT_EQ(values("u - 1", batch), "[18446744073709551614, 0, null]");
  EXPECT_EQ(values("i + null", batch), "[null, null, null]");
  for (const char* text : {"i + 1", "i * 2", "-i - 2", "-9223372036854775807 - i", "u + 1", "-u",
                           "u + i", "-(-9223372036854775808)"}) {
    const std::string got = values(text, batch);
    EXPECT_THAT(got, HasSubstr("Schema: ")) << text;
    EXPECT_THAT(got, HasSubstr(" in \"")) << text;
  }
}

TEST(BoundExpr, DivisionAndFloatsFollowIeee) {
  const Batch batch = sample_batch({{"i", arrow::int64(), "[1, -1, 0, 7, null]"},
                                    {"z", arrow::int32(), "[0, 0, 0, 2, 0]"},
                                    {"f", arrow::float32(), "[0.5, 0, 0, 0, null]"}});
  EXPECT_EQ(values("i / z", batch), "[inf, -inf, nan, 3.5, null]");
  EXPECT_EQ(values("i / 2", batch), "[0.5, -0.5, 0, 3.5, null]");
  EXPECT_EQ(values("f * 3", batch), "[1.5, 0, 0, 0, null]");
  EXPECT_EQ(values("1e308 * 10 * i", batch), "[inf, -inf, nan, inf, null]");
  EXPECT_EQ(truth("f = 0.5", batch), "TFFF-");
  EXPECT_EQ(truth("i / z = nan", batch), "FFTF-");
  EXPECT_EQ(truth("i / z in (nan, inf)", batch), "TFTF-");
}

TEST(BoundExpr, LikeIsTrueFalseOrNull) {
  const Batch batch = sample_batch(
      {{"s", arrow::utf8(), R"(["Ada", "Bob", null, "50%", ""])"},
       {"c", arrow::dictionary(arrow::int8(), arrow::utf8()), R"(["Ada", "Bob", null, "x", ""])"},
       {"v", arrow::utf8_view(), R"(["Ada", "Bob", null, "x", ""])"},
       {"n", arrow::null(), "[null, null, null, null, null]"},
       {"i", arrow::int64(), "[1, 2, 3, 4, 5]"}});
  EXPECT_EQ(truth("s like '%a'", batch), "TF-FF");
  EXPECT_EQ(truth("s not like '%a'", batch), "FT-TT");
  EXPECT_EQ(truth("s like '%!%' escape '!'", batch), "FF-TF");
  EXPECT_EQ(truth("c like 'A%' or v like '_ob'", batch), "TT-FF");
  EXPECT_EQ(truth("n like 'a'", batch), "-----");
  EXPECT_EQ(truth("null like 'a'", batch), "-----");
  EXPECT_EQ(truth("'abc' like 'a%'", batch), "TTTTT");
  EXPECT_EQ(truth("cast(i as string) like '4' or s like 'A%'", batch), "TF-TF");
  EXPECT_THAT(truth("i like '1'", batch), HasSubstr("Config: like takes text, and not a int64"));
  EXPECT_EQ(truth("s like 'B%'", batch->Slice(1, 3)), "T-F");
}

TEST(BoundExpr, CastsComputeOrNameTheRowAndTheValue) {
  const Batch batch =
      sample_batch({{"i", arrow::int64(), "[1, null, 300]"},
                    {"f", arrow::float64(), "[1, 2, null]"},
                    {"s", arrow::utf8(), R"(["1", "2", "x"])"},
                    {"c", arrow::dictionary(arrow::int8(), arrow::utf8()), R"(["7", null, "8"])"},
                    {"n", arrow::null(), "[null, null, null]"}});
  EXPECT_EQ(values("cast(i as int16)", batch), "[1, null, 300]");
  EXPECT_EQ(values("i::string", batch), "[1, null, 300]");
  EXPECT_EQ(values("i::float64 / 2", batch), "[0.5, null, 150]");
  EXPECT_EQ(values("c::int64 + cast(f as int64)", batch), "[8, null, null]");
  EXPECT_EQ(values("cast(cast(i as string) as int64) * 2", batch), "[2, null, 600]");
  EXPECT_EQ(values("i::int64", batch), "[1, null, 300]");
  EXPECT_EQ(values("n::date", batch), "[null, null, null]");
  EXPECT_EQ(values("'2024-02-29'::date", batch), "[2024-02-29, 2024-02-29, 2024-02-29]");
  EXPECT_EQ(values("(1 + 2)::string", batch), "[3, 3, 3]");
  EXPECT_EQ(truth("i::decimal(10, 2) = 1.00", batch), "T-F");
  EXPECT_EQ(truth("(i > 5)::int64 = 1", batch), "F-T");
  EXPECT_EQ(values("i::int8", batch),
            "Schema: row 3 of the chunk: 300 has no equal among the values of int8 in \"cast(i as "
            "int8)\"");
  EXPECT_THAT(
      values("s::int64 + 1", batch),
      HasSubstr("Schema: row 3 of the chunk: \"x\" has no equal among the values of int64"));
  EXPECT_THAT(values("i::int16::int8", batch->Slice(2, 1)), HasSubstr("row 1 of the chunk: 300"));
  EXPECT_THAT(values("i::date", batch),
              HasSubstr("Config: no cast leads from int64 to date in \"cast(i as date)\""));
  EXPECT_THAT(values("'x'::int64", batch), HasSubstr("Config: \"x\" has no equal"));
  EXPECT_THAT(values("'300'::int8", batch), HasSubstr("Config: "));
  EXPECT_EQ(evaluate(col("i").cast(*DataType::parse("Int32")), batch).value()->type_id(),
            arrow::Type::INT32);
}

TEST(BoundExpr, RareTypesAreComputedOrRefused) {
  const Batch batch = sample_batch({{"n", arrow::null(), "[null, null]"},
                                    {"l", arrow::list(arrow::int64()), "[[1], null]"},
                                    {"h", arrow::float16(), "[1.5, null]"},
                                    {"b", arrow::binary(), R"(["x", null])"}});
  EXPECT_EQ(truth("n = 1", batch), "--");
  EXPECT_EQ(truth("n is null", batch), "TT");
  EXPECT_EQ(truth("not n", batch), "--");
  EXPECT_EQ(truth("n in (1)", batch), "--");
  EXPECT_EQ(values("n + 1", batch), "[null, null]");
  EXPECT_EQ(truth("l is null", batch), "FT");
  EXPECT_EQ(truth("l is not null", batch), "TF");
  EXPECT_EQ(truth("h > 1.25", batch), "T-");
  EXPECT_EQ(truth("b = b", batch), "T-");
  EXPECT_THAT(truth("l = l", batch), HasSubstr("Config: cannot compare list"));
  EXPECT_THAT(truth("b = 'x'", batch), HasSubstr("Config: cannot compare binary with string"));
  EXPECT_EQ(values("null", batch), "[null, null]");
  EXPECT_EQ(values("'x'", batch), "[x, x]");
  EXPECT_EQ(values("1.5", batch), "[1.5, 1.5]");
}

TEST(BoundExpr, MistakesAreFoundBeforeTheFirstRow) {
  const auto schema = sample_batch({{"age", arrow::int64(), "[]"},
                                    {"name", arrow::utf8(), "[]"},
                                    {"ok", arrow::boolean(), "[]"}})
                          ->schema();
  const auto error = [&](const std::string& text) {
    const Result<BoundExpr> bound = bind(*parse_expr(text), *schema);
    if (bound) return std::string("no error");
    EXPECT_EQ(bound.error().kind, ErrorKind::Config);
    return bound.error().to_string();
  };
  EXPECT_THAT(error("agee > 30"), HasSubstr("there is no column \"agee\" (did you mean \"age\"?)"));
  EXPECT_THAT(error("zzzzz > 30"), HasSubstr("there are \"age\", \"name\", \"ok\""));
  EXPECT_EQ(
      error("ok and name > 30"),
      "cannot compare string with int64 in \"name > 30\" (write the number in 'single quotes')");
  EXPECT_THAT(error("30 < name"), HasSubstr("cannot compare string with int64"));
  EXPECT_THAT(error("age = '30'"), HasSubstr("write the number without quotes"));
  EXPECT_THAT(error("age in (1, 'x')"), HasSubstr("cannot compare int64 with string"));
  EXPECT_THAT(error("ok = 1"), HasSubstr("cannot compare bool with int64"));
  EXPECT_THAT(error("age = ok"), HasSubstr("cannot compare int64 with bool"));
  EXPECT_THAT(error("name + 1 > 2"), HasSubstr("cannot compute with a string in \"name + 1\""));
  EXPECT_THAT(error("ok + 1"), HasSubstr("cannot compute with a bool"));
  EXPECT_THAT(error("-name"), HasSubstr("cannot compute with a string"));
  EXPECT_THAT(error("not age"), HasSubstr("\"age\" is of type int64, neither true nor false"));
  EXPECT_THAT(error("age and ok"), HasSubstr("\"age\" is of type int64, neither true nor false"));
  EXPECT_THAT(error("(ok or name) and ok"), HasSubstr("\"name\" is of type string"));
  EXPECT_THAT(error("ok between true and false"), HasSubstr("bool"));
  EXPECT_THAT(bind_predicate(col("age"), *schema).error().message,
              HasSubstr("must be true or false, and \"age\" is of type int64"));
  EXPECT_THAT(bind(col("age").is_in({col("age")}), *schema).error().message,
              HasSubstr("no literals"));
  EXPECT_TRUE(bind_predicate(null(), *schema));
  EXPECT_EQ(bind_predicate(null(), *schema)->type()->id(), arrow::Type::BOOL);
}

TEST(BoundExpr, ASelectionNamesEachColumnOnce) {
  const auto schema = sample_batch({{"a", arrow::int32(), "[]"}})->schema();
  const std::vector<Expr> twice{col("a"), (col("a") + 1).alias("a")};
  EXPECT_THAT(bind_selection(twice, *schema).error().message,
              HasSubstr("two columns of the result are named \"a\""));
  const std::vector<Expr> good{col("a").alias("b"), col("a") + 1};
  const Result<BoundSelection> selection = bind_selection(good, *schema);
  ASSERT_TRUE(selection);
  EXPECT_EQ(selection->names, (std::vector<std::string>{"b", "a + 1"}));
  EXPECT_TRUE(selection->columns[0].is_column());
  EXPECT_EQ(selection->columns[0].field("b")->ToString(), "b: int32");
  EXPECT_FALSE(selection->columns[1].is_column());
}

TEST(BoundExpr, TwoColumnsOfOneNameAreRefused) {
  const auto schema =
      arrow::schema({arrow::field("a", arrow::int64()), arrow::field("a", arrow::utf8())});
  EXPECT_THAT(bind(col("a"), *schema).error().message, HasSubstr("2 columns named \"a\""));
}

TEST(BoundExpr, ColumnsAreFoundByNameInWhateverBatchComes) {
  const Result<BoundExpr> bound =
      bind(col("a") + col("b"),
           *arrow::schema({arrow::field("a", arrow::int64()), arrow::field("b", arrow::int64())}));
  const Batch other = sample_batch({{"c", arrow::utf8(), R"(["x"])"},
                                    {"b", arrow::int64(), "[2]"},
                                    {"a", arrow::int64(), "[1]"}});
  EXPECT_EQ((*bound->evaluate(*other, arrow::default_memory_pool()))->ToString(), "[\n  3\n]");
  const Batch without = sample_batch({{"a", arrow::int64(), "[1]"}});
  EXPECT_EQ(bound->evaluate(*without, arrow::default_memory_pool()).error().kind,
            ErrorKind::Schema);
  const Batch changed =
      sample_batch({{"a", arrow::utf8(), R"(["1"])"}, {"b", arrow::int64(), "[1]"}});
  EXPECT_THAT(bound->evaluate(*changed, arrow::default_memory_pool()).error().to_string(),
              HasSubstr("column a: its type is string, and was int64"));
}

TEST(BoundExpr, SlicesAndEmptyBatchesAreRowsLikeAnyOthers) {
  const Batch batch =
      sample_batch({{"i", arrow::int64(), "[1, 2, null, 4, 5, 6, 7, 8, 9, 10]"},
                    {"f", arrow::float64(), "[1, NaN, 3, null, 5, 6, 7, 8, 9, 1]"},
                    {"s", arrow::utf8(), R"(["a","b","c",null,"e","f","g","h","i","j"])"}});
  for (const char* text :
       {"i > 2", "f > 2.5", "f < i", "s >= 'c' or i = 1", "i + 1 > f", "i is null", "s like '_'",
        "s::large_string = 'b' or i::string like '1%'", "i in (1, 4, 9)", "s in ('a', 'h')",
        "not (i between 3 and 8)"}) {
    const std::string whole = truth(text, batch);
    for (std::int64_t from = 0; from < 10; ++from) {
      for (std::int64_t rows = 0; from + rows <= 10; ++rows) {
        EXPECT_EQ(truth(text, batch->Slice(from, rows)),
                  whole.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(rows)))
            << text;
      }
    }
  }
}

TEST(BoundExpr, AChainOfTenThousandAlternativesIsEvaluated) {
  const Batch batch = sample_batch({{"id", arrow::int64(), "[1, 9999, 10000, null]"}});
  Expr any = col("id") == 0;
  for (int i = 1; i < 10'000; ++i) any = (col("id") == i) || any;
  const auto result = evaluate(any, batch);
  ASSERT_TRUE(result);
  EXPECT_EQ((*result)->ToString(), "[\n  true,\n  true,\n  false,\n  null\n]");
}

// Runs on a thread with the stack that our own threads have.
void on_small_stack(std::function<void()> work) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, 512 * 1024), 0);
  pthread_t thread{};
  const auto run = [](void* arg) -> void* {
    (*static_cast<std::function<void()>*>(arg))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, &work), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

TEST(BoundExpr, TheDeepestExpressionFitsASmallStackAndADeeperOneIsRefused) {
  const Batch batch =
      sample_batch({{"a", arrow::int64(), "[1]"}, {"b", arrow::boolean(), "[true]"}});
  Expr sum = col("a");
  while (sum.node().depth < kMaxExprDepth) sum = 1 + sum / 2;
  Expr logic = col("b");
  while (logic.node().depth < kMaxExprDepth) logic = !((logic || col("b")) == lit(true));
  Expr nots = col("b");
  while (nots.node().depth < kMaxExprDepth) nots = !nots;
  on_small_stack([&] {
    for (const Expr& expr : {sum, logic, nots}) {
      ASSERT_LE(expr.node().depth, kMaxExprDepth + 2);
      if (expr.node().depth > kMaxExprDepth) continue;
      EXPECT_TRUE(evaluate(expr, batch)) << expr.to_string();
      EXPECT_TRUE(parse_expr(expr.to_string()));
    }
  });
  Expr deep = col("a");
  for (int i = 0; i < 100'000; ++i) deep = deep + 1;
  const Result<BoundExpr> refused = bind(deep, *batch->schema());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("nested more than"));
}

}  // namespace
}  // namespace polarway
