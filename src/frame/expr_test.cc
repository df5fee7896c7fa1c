#include "polarway/expr.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "frame/expr_node.h"

namespace polarway {
namespace {

TEST(Expr, BothSpellingsAreTheSame) {
  EXPECT_EQ((col("age") > 30).to_string(), col("age").gt(30).to_string());
  EXPECT_EQ((col("name") == "Ada").to_string(), col("name").eq("Ada").to_string());
  EXPECT_EQ((30 < col("age")).to_string(), "30 < age");
  EXPECT_EQ(((col("a") != 1 && !(col("b") <= 2.5)) || col("c") >= true).to_string(),
            "a != 1 and not b <= 2.5 or c >= true");
  EXPECT_EQ((1 - -col("a") * 2 / (col("b") + 3)).to_string(), "1 - -a * 2 / (b + 3)");
}

TEST(Expr, ParenthesesAppearOnlyWhereTheMeaningNeedsThem) {
  const Expr a = col("a");
  const Expr b = col("b");
  const Expr c = col("c");
  EXPECT_EQ(((a + b) + c).to_string(), "a + b + c");
  EXPECT_EQ((a + (b + c)).to_string(), "a + (b + c)");
  EXPECT_EQ((a - (b - c)).to_string(), "a - (b - c)");
  EXPECT_EQ(((a * b) / c).to_string(), "a * b / c");
  EXPECT_EQ((a && (b && c)).to_string(), "a and b and c") << "and is associative";
  EXPECT_EQ(((a || b) && c).to_string(), "(a or b) and c");
  EXPECT_EQ((!(a && b)).to_string(), "not (a and b)");
  EXPECT_EQ((!a && b).to_string(), "not a and b");
  EXPECT_EQ((!!a).to_string(), "not not a");
  EXPECT_EQ(((a < b) == (b < c)).to_string(), "(a < b) = (b < c)");
  EXPECT_EQ((a == b).is_null().to_string(), "(a = b) is null");
  EXPECT_EQ((-(-a)).to_string(), "-(-a)") << "-- begins a comment in SQL";
  EXPECT_EQ((a - (-b)).to_string(), "a - -b");
  EXPECT_EQ((!a).is_in({lit(true), null()}).to_string(), "(not a) in (true, null)");
  EXPECT_EQ((a + 1).is_between(lit(0), b).to_string(), "a + 1 between 0 and b");
  EXPECT_EQ((a.alias("x") + 1).alias("y").to_string(), "(a as x) + 1 as y");
  EXPECT_EQ(a.is_in({}).to_string(), "a in ()");
}

TEST(Expr, NamesAreQuotedWhereTheyCouldBeTakenForSomethingElse) {
  EXPECT_EQ(col("age_2").to_string(), "age_2");
  EXPECT_EQ(col("größe").to_string(), "größe");
  EXPECT_EQ(col("first name").to_string(), "\"first name\"");
  EXPECT_EQ(col("2nd").to_string(), "\"2nd\"");
  EXPECT_EQ(col("").to_string(), "\"\"");
  EXPECT_EQ(col("a\"b").to_string(), "\"a\"\"b\"");
  for (const char* keyword :
       {"and", "OR", "Not", "is", "null", "in", "between", "as", "True", "false", "NaN", "inf"}) {
    EXPECT_EQ(col(keyword).to_string(), "\"" + std::string(keyword) + "\"");
  }
}

TEST(Expr, LiteralsArePrintedSoThatTheyReadBackExactly) {
  EXPECT_EQ(lit(1.0).to_string(), "1.0");
  EXPECT_EQ(lit(0.1).to_string(), "0.1");
  EXPECT_EQ(lit(1e300).to_string(), "1e+300");
  EXPECT_EQ(lit(-0.0).to_string(), "-0.0");
  EXPECT_EQ(lit(std::numeric_limits<double>::denorm_min()).to_string(), "5e-324");
  EXPECT_EQ(lit(std::numeric_limits<double>::infinity()).to_string(), "inf");
  EXPECT_EQ(lit(-std::numeric_limits<double>::infinity()).to_string(), "-inf");
  EXPECT_EQ(lit(std::numeric_limits<double>::quiet_NaN()).to_string(), "nan");
  EXPECT_EQ(lit(std::numeric_limits<std::int64_t>::min()).to_string(), "-9223372036854775808");
  EXPECT_EQ(lit("it's").to_string(), "'it''s'");
  EXPECT_EQ(null().to_string(), "null");
  EXPECT_EQ((-lit(5)).to_string(), "-5");
}

TEST(Expr, UnsignedValuesBeyondInt64BecomeDoubles) {
  EXPECT_EQ(lit(std::uint64_t{7}).to_string(), "7");
  EXPECT_EQ(lit(std::numeric_limits<std::uint64_t>::max()).to_string(), "18446744073709551616.0");
  EXPECT_EQ(lit('a').to_string(), "97");
}

TEST(Expr, TheOutputNameIsTheAliasOrTheColumnOrTheText) {
  EXPECT_EQ(col("first name").output_name(), "first name");
  EXPECT_EQ((col("a") * 2).output_name(), "a * 2");
  EXPECT_EQ((col("a") * 2).alias("double a").output_name(), "double a");
}

TEST(Expr, ColumnsAreListedOnceInOrderOfAppearance) {
  const Expr expr = ((col("b") + col("a") > col("b")) && col("c").is_in({lit(1)})) ||
                    col("d").is_between(col("a"), col("e")).alias("f");
  EXPECT_EQ(expr.columns(), (std::vector<std::string>{"b", "a", "c", "d", "e"}));
  EXPECT_TRUE(lit(1).columns().empty());
}

TEST(Expr, AChainOfManyLinksIsPrintedListedAndTakenApart) {
  Expr sum = col("a");
  Expr any = col("a");
  for (int i = 0; i < 100'000; ++i) {
    sum = sum + col("b");
    any = col("b") || any;
  }
  EXPECT_EQ(sum.columns().size(), 2U);
  EXPECT_EQ(any.columns().size(), 2U);
  EXPECT_EQ(sum.to_string().size(), 400'001U);
  EXPECT_GT(sum.node().depth, kMaxExprDepth);
  EXPECT_EQ(any.node().depth, 2) << "a chain of one kind is flat";
}

TEST(Expr, TwoThreadsMayDropExpressionsThatShareATree) {
  const auto shared = [] {
    Expr sum = col("a");
    for (int i = 0; i < 10'000; ++i) sum = sum + col("b");
    return sum;
  };
  Expr sum = shared();
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) threads.emplace_back([mine = sum * i]() mutable { mine = lit(0); });
  sum = lit(0);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace polarway
