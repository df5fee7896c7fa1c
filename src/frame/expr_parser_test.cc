#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "frame/expr_node.h"
#include "polarway/expr.h"

namespace polarway {
namespace {

using testing::HasSubstr;

std::string reprinted(std::string_view text) {
  const Result<Expr> expr = parse_expr(text);
  return expr ? expr->to_string() : "error: " + expr.error().to_string();
}

std::string error_of(std::string_view text) {
  const Result<Expr> expr = parse_expr(text);
  if (expr) return "no error: " + expr->to_string();
  EXPECT_EQ(expr.error().kind, ErrorKind::Config);
  return expr.error().to_string();
}

TEST(ExprParser, OperatorsHoldAsTightlyAsInSql) {
  EXPECT_EQ(reprinted("a or b and not c = d + e * -f"), "a or b and not c = d + e * -f");
  EXPECT_EQ(reprinted("((a or (b and ((not (c = (d + (e * (-f)))))))))"),
            "a or b and not c = d + e * -f");
  EXPECT_EQ(reprinted("(a or b) and c"), "(a or b) and c");
  EXPECT_EQ(reprinted("a - b - c"), "a - b - c");
  EXPECT_EQ(reprinted("a - (b - c)"), "a - (b - c)");
  EXPECT_EQ(reprinted("a / b * c"), "a / b * c");
  EXPECT_EQ(reprinted("not a and b"), "not a and b");
  EXPECT_EQ(reprinted("a between 1 and 2 and b"), "a between 1 and 2 and b");
}

TEST(ExprParser, EverySpellingIsRead) {
  EXPECT_EQ(reprinted("a == 1"), "a = 1");
  EXPECT_EQ(reprinted("a <> 1"), "a != 1");
  EXPECT_EQ(reprinted("A IS NOT NULL AND b Is Null"), "A is not null and b is null");
  EXPECT_EQ(reprinted("a not in (1, -2.5, 'x', null)"), "not a in (1, -2.5, 'x', null)");
  EXPECT_EQ(reprinted("a not between 1 and 2"), "not a between 1 and 2");
  EXPECT_EQ(reprinted("a in ()"), "a in ()");
  EXPECT_EQ(reprinted("\"first \"\"name\"\"\" = 'it''s'"), "\"first \"\"name\"\"\" = 'it''s'");
  EXPECT_EQ(reprinted("größe>=.5"), "größe >= 0.5");
  EXPECT_EQ(reprinted("TRUE = False"), "true = false");
  EXPECT_EQ(reprinted("1e3 + 5. - 2E-1"), "1000.0 + 5.0 - 0.2");
  EXPECT_EQ(reprinted("a = NaN or a = -inf"), "a = nan or a = -inf");
  EXPECT_EQ(reprinted("--a"), "-(-a)");
  EXPECT_EQ(reprinted("- 5"), "-5");
  EXPECT_EQ(reprinted("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(reprinted("\t(a\n+\r1)  as \"the sum\""), "a + 1 as \"the sum\"");
  EXPECT_EQ(reprinted("(a as x) + 1"), "(a as x) + 1");
  EXPECT_EQ(reprinted("a LIKE 'x%' and b not like '_' Escape '!'"),
            "a like 'x%' and not b like '_' escape '!'");
  EXPECT_EQ(reprinted("CAST(a + 1 AS Int64) * 2"), "cast(a + 1 as int64) * 2");
  EXPECT_EQ(reprinted("a::int::datetime[ms] = -b::decimal(9,2)"),
            "cast(cast(a as int64) as timestamp[ms]) = -cast(b as decimal(9, 2))");
  EXPECT_EQ(reprinted("-5::int8"), "cast(-5 as int8)");
  EXPECT_EQ(reprinted("a + b::text"), "a + cast(b as string)");
  EXPECT_EQ(reprinted("a::timestamp[us, Europe/Berlin] is null"),
            "cast(a as timestamp[us, Europe/Berlin]) is null");
  EXPECT_EQ(reprinted("cast = escape"), "cast = escape") << "names, where nothing else is meant";
}

TEST(ExprParser, ListsAreSeparatedByCommas) {
  const Result<std::vector<Expr>> exprs = parse_exprs("name, age * 2 as twice, a in (1, 2)");
  ASSERT_TRUE(exprs);
  ASSERT_EQ(exprs->size(), 3U);
  EXPECT_EQ((*exprs)[0].output_name(), "name");
  EXPECT_EQ((*exprs)[1].output_name(), "twice");
  EXPECT_EQ((*exprs)[2].to_string(), "a in (1, 2)");
  EXPECT_FALSE(parse_exprs(""));
  EXPECT_FALSE(parse_exprs("a,"));
  EXPECT_THAT(parse_exprs("a b").error().message,
              HasSubstr("expected an operator, a comma or the end"));
}

TEST(ExprParser, ErrorsPointAtThePlaceAndSayWhatWasExpected) {
  EXPECT_EQ(error_of("age > ) and x"),
            "at character 7 of \"age > ) and x\": expected a value, found \")\"");
  EXPECT_EQ(error_of("größe >"), "at character 8 of \"größe >\": expected a value, found the end");
  EXPECT_THAT(error_of(""), HasSubstr("expected a value, found the end"));
  EXPECT_THAT(error_of("a b"),
              HasSubstr("character 3 of \"a b\": expected an operator or the end"));
  EXPECT_THAT(error_of("(a"), HasSubstr("expected an operator or \")\", found the end"));
  EXPECT_THAT(error_of("a < b < c"), HasSubstr("comparisons do not chain"));
  EXPECT_THAT(error_of("a = not b"), HasSubstr("parentheses"));
  EXPECT_THAT(error_of("a is 1"), HasSubstr("expected null or not null"));
  EXPECT_THAT(error_of("a in (b)"), HasSubstr("character 7 of \"a in (b)\": expected a literal"));
  EXPECT_THAT(error_of("a in (1 2)"), HasSubstr("expected a comma or \")\""));
  EXPECT_THAT(error_of("a between 1 or 2"), HasSubstr("expected and, found \"or\""));
  EXPECT_THAT(error_of("a as in"), HasSubstr("expected a name"));
  EXPECT_THAT(error_of("a as 'b'"), HasSubstr("expected a name"));
  EXPECT_THAT(error_of("a = 'open"), HasSubstr("character 5 of"));
  EXPECT_THAT(error_of("a = 'open"), HasSubstr("never closed"));
  EXPECT_THAT(error_of("\"a = 1"), HasSubstr("never closed"));
  EXPECT_THAT(error_of("a && b"), HasSubstr("write and"));
  EXPECT_THAT(error_of("a like b"), HasSubstr("character 8 of \"a like b\": expected a pattern"));
  EXPECT_THAT(error_of("a like '!x' escape '!'"), HasSubstr("character 8 of"));
  EXPECT_THAT(error_of("a like 'x' escape 'ab'"), HasSubstr("not one character"));
  EXPECT_THAT(error_of("a not b"), HasSubstr("expected in, between or like"));
  EXPECT_THAT(error_of("a::itn64"),
              HasSubstr("character 4 of \"a::itn64\": \"itn64\" is not a type (did you mean"));
  EXPECT_THAT(error_of("cast(a as )"), HasSubstr("character 11 of"));
  EXPECT_THAT(error_of("cast(a)"), HasSubstr("expected an operator or as, found \")\""));
  EXPECT_THAT(error_of("cast(a as int8"), HasSubstr("expected an operator or \")\""));
  EXPECT_THAT(error_of("a::decimal(10 2)"), HasSubstr("is not a type"));
  EXPECT_THAT(error_of("a::list[int8"), HasSubstr("this bracket is never closed"));
  EXPECT_THAT(error_of("a[1] > 2"), HasSubstr("\"quotes\""));
  EXPECT_THAT(error_of("a.b = 1"), HasSubstr("\"quotes\""));
  EXPECT_THAT(error_of("2nd = 1"), HasSubstr("this is no number"));
  EXPECT_THAT(error_of("1.2.3"), HasSubstr("this is no number"));
  EXPECT_THAT(error_of("lower(a) = 'x'"), HasSubstr("there is no function \"lower\""));
  EXPECT_THAT(error_of("a = \x01"), HasSubstr("\\x01"));
  EXPECT_THAT(error_of(std::string("a\0b", 3)), HasSubstr("unexpected \"\\0\""));
}

TEST(ExprParser, AnErrorFarIntoALongTextShowsItsSurroundings) {
  std::string text = "a = 1";
  for (int i = 0; i < 100; ++i) text += " or ü = 1";
  const std::string error = error_of(text + " or = 2");
  EXPECT_THAT(error, HasSubstr("or = 2\": expected a value, found \"=\""));
  EXPECT_LT(error.size(), 200U);
}

TEST(ExprParser, TextThatIsNotUtf8IsAnErrorAtItsPlace) {
  EXPECT_THAT(error_of("a = 'x\xFFy'"), HasSubstr("character 7"));
  EXPECT_THAT(error_of("a = 'x\xFFy'"), HasSubstr("not UTF-8"));
  EXPECT_THAT(error_of("\"\xED\xA0\x80\" = 1"), HasSubstr("not UTF-8"));
}

TEST(ExprParser, NumbersThatDoNotFitAreErrorsThatSaySo) {
  EXPECT_THAT(error_of("a = 9223372036854775808"), HasSubstr("does not fit an int64"));
  EXPECT_THAT(error_of("a = -9223372036854775809"), HasSubstr("does not fit an int64"));
  EXPECT_THAT(error_of("a = 1e400"), HasSubstr("beyond what a float64 holds"));
  EXPECT_THAT(error_of("a = 1" + std::string(10'000, '0')), HasSubstr("does not fit an int64"));
}

TEST(ExprParser, DeepNestingIsAnErrorAndNoStackOverflow) {
  for (const char* opening : {"(", "-", "not ", "a + (", "(not -", "a in (", "a between ("}) {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += opening;
    const Result<Expr> expr = parse_expr(text + "a");
    ASSERT_FALSE(expr) << opening;
    EXPECT_EQ(expr.error().kind, ErrorKind::Config);
  }
  EXPECT_THAT(error_of(std::string(1000, '(') + "a" + std::string(1000, ')')),
              HasSubstr("nested more than"));
  EXPECT_EQ(reprinted(std::string(200, '(') + "a" + std::string(200, ')')), "a");
  for (const std::string_view opening : {"-", "not "}) {  // less than the recursion bears
    std::string text = "a";
    for (int i = 0; i < kMaxExprDepth - 1; ++i) text.insert(0, opening);
    EXPECT_TRUE(parse_expr(reprinted(text))) << text;
    text.insert(0, opening);
    EXPECT_THAT(error_of(text), HasSubstr("nested more than"));
  }
}

TEST(ExprParser, AChainOfTenThousandAlternativesIsRead) {
  std::string text = "id = 0";
  for (int i = 1; i < 10'000; ++i) text += " or id = " + std::to_string(i);
  EXPECT_EQ(reprinted(text), text);
}

// Any tree that programs can make, up to `depth` levels deep.
class AnyExpr {
 public:
  explicit AnyExpr(std::uint64_t seed) : random_(seed) {}

  Expr operator()(int depth) {
    if (depth <= 1 || below(8) == 0) return leaf();
    switch (below(21)) {
      case 0:
        return -(*this)(depth - 1);
      case 1:
        return !(*this)(depth - 1);
      case 2:
        return (*this)(depth - 1).is_null();
      case 3:
        return (*this)(depth - 1).is_not_null();
      case 4:
        return (*this)(depth - 1) + (*this)(depth - 1);
      case 5:
        return (*this)(depth - 1) - (*this)(depth - 1);
      case 6:
        return (*this)(depth - 1) * (*this)(depth - 1);
      case 7:
        return (*this)(depth - 1) / (*this)(depth - 1);
      case 8:
        return (*this)(depth - 1) == (*this)(depth - 1);
      case 9:
        return (*this)(depth - 1) != (*this)(depth - 1);
      case 10:
        return (*this)(depth - 1) < (*this)(depth - 1);
      case 11:
        return (*this)(depth - 1) >= (*this)(depth - 1);
      case 12:
        return (*this)(depth - 1) && (*this)(depth - 1);
      case 13:
        return (*this)(depth - 1) || (*this)(depth - 1);
      case 14:
        return (*this)(depth - 1).is_in({literal(), literal()});
      case 15:
        return (*this)(depth - 1).is_in({});
      case 16:
        return (*this)(depth - 1).is_between((*this)(depth - 1), (*this)(depth - 1));
      case 17:
        return (*this)(depth - 1).like("a%" + name());
      case 18:
        return (*this)(depth - 1).like(name() + "ü%", "ü");
      case 19:
        return (*this)(depth - 1).cast(type());
      default:
        return (*this)(depth - 1).alias(name());
    }
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  std::string name() {
    static const std::vector<std::string> kNames = {
        "a", "b2", "größe", "not", "AS", "first name", "", "a\"b", "2nd", "'", "nan", "x.y"};
    return kNames[below(kNames.size())];
  }

  DataType type() {
    static const std::vector<const char*> kTypes = {
        "int8",           "string", "timestamp[ms, Europe/Berlin]",
        "decimal(10, 2)", "date",   "list[struct[\"a ]\": int64]]"};
    return *DataType::parse(kTypes[below(kTypes.size())]);
  }

  Expr leaf() { return below(2) == 0 ? col(name()) : literal(); }

  Expr literal() {
    switch (below(6)) {
      case 0:
        return null();
      case 1:
        return lit(below(2) == 0);
      case 2:
        return lit(static_cast<std::int64_t>(random_()) >> below(64));
      case 3:
        return lit(name());
      case 4:
        return lit(std::numeric_limits<std::int64_t>::min());
      default: {
        const std::uint64_t bits = random_();  // any double: subnormal, infinite, NaN
        double value = 0;
        std::memcpy(&value, &bits, sizeof value);
        return lit(value);
      }
    }
  }

  std::mt19937_64 random_;
};

TEST(ExprParser, WhatIsPrintedReadsBackAndPrintsTheSame) {
  AnyExpr any(20240229);
  for (int i = 0; i < 5'000; ++i) {
    const std::string text = any(1 + i % 8).to_string();
    ASSERT_EQ(reprinted(text), text);
  }
}

TEST(ExprParser, WhateverTheBytesTheAnswerIsAnExpressionOrAConfigError) {
  std::mt19937_64 random(7);
  const std::vector<std::string> words = {
      "a",    "1",       "(",  ")",    ",",    "not",    "is",     "null", "in",
      "and",  "between", "=",  "<",    "-",    "'x'",    "\"",     "as",   "1e5",
      "\xff", "like",    "::", "cast", "int8", "escape", "decimal"};
  for (int i = 0; i < 10'000; ++i) {
    std::string text;
    for (std::uint64_t n = random() % 12; n > 0; --n) text += words[random() % words.size()] + " ";
    const Result<Expr> expr = parse_expr(text);
    if (expr) {
      const std::string printed = expr->to_string();
      ASSERT_EQ(reprinted(printed), printed) << text;
    } else {
      ASSERT_EQ(expr.error().kind, ErrorKind::Config) << text;
    }
  }
}

TEST(ExprParser, ATreeOfTheGreatestDepthReadsBack) {
  Expr expr = col("a");
  while (expr.node().depth < kMaxExprDepth - 1) expr = -(expr + 1);
  EXPECT_EQ(reprinted(expr.to_string()), expr.to_string());
  expr = col("a");
  while (expr.node().depth < kMaxExprDepth - 2) expr = !(col("b") || (col("a") && expr));
  EXPECT_EQ(reprinted(expr.to_string()), expr.to_string());
}

}  // namespace
}  // namespace polarway
