#include <arrow/memory_pool.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "core/leased_batch.h"
#include "frame/sample_batch.h"
#include "polarway/dataframe.h"

namespace polarway {
namespace {

using testing::HasSubstr;

std::shared_ptr<arrow::RecordBatch> people() {
  return sample_batch({{"name", arrow::utf8(), R"(["Ada", "Bob", "Cyd", "Dee", null])"},
                       {"age", arrow::int64(), "[36, 25, null, 41, 50]"},
                       {"email", arrow::utf8(), R"(["a@x", "b@x", "c@x", null, "e@x"])"}});
}

std::string error_of(const LazyFrame& query, ErrorKind kind = ErrorKind::Config) {
  const Result<DataFrame> result = query.collect();
  if (result) return "no error";
  EXPECT_EQ(result.error().kind, kind) << result.error().to_string();
  return result.error().to_string();
}

TEST(LazyFrame, TheGuidesQueryWorksInBothSpellings) {
  const DataFrame chunk(people());
  const auto wanted = sample_batch({{"name", arrow::utf8(), R"(["Ada", "Dee", null])"},
                                    {"email", arrow::utf8(), R"(["a@x", null, "e@x"])"}});
  const auto a = chunk.lazy().filter(col("age") > 30).select({col("name"), col("email")}).collect();
  const auto b =
      chunk.lazy().filter(col("age").gt(30)).select({col("name"), col("email")}).collect();
  ASSERT_TRUE(a);
  ASSERT_TRUE(b);
  EXPECT_TRUE(a->arrow()->Equals(*wanted));
  EXPECT_TRUE(b->arrow()->Equals(*wanted));
}

TEST(LazyFrame, StepsApplyInTheOrderWritten) {
  const DataFrame frame(people());
  const auto limited_first = frame.lazy().limit(2).filter(col("age") > 30).collect();
  EXPECT_EQ(limited_first->height(), 1);
  const auto filtered_first = frame.lazy().filter(col("age") > 30).limit(2).collect();
  EXPECT_EQ(filtered_first->height(), 2);
  const auto renamed = frame.lazy()
                           .select({(col("age") * 2).alias("age"), col("name").alias("who")})
                           .filter(col("age") > 80)
                           .select({col("who"), (col("age") + 1).alias("more")})
                           .collect();
  ASSERT_TRUE(renamed) << renamed.error().to_string();
  EXPECT_TRUE(renamed->arrow()->Equals(*sample_batch(
      {{"who", arrow::utf8(), R"(["Dee", null])"}, {"more", arrow::int64(), "[83, 101]"}})));
}

TEST(LazyFrame, WithoutStepsTheFrameComesBackAsItIs) {
  const DataFrame frame(people());
  EXPECT_EQ(frame.lazy().collect()->arrow(), frame.arrow());
  EXPECT_EQ(frame.lazy().filter(lit(true)).collect()->arrow(), frame.arrow());
  EXPECT_EQ(frame.lazy().limit(5).collect()->arrow(), frame.arrow());
  EXPECT_EQ(frame.lazy().limit(-1).collect()->height(), 0);
}

TEST(LazyFrame, RowsWithoutColumnsAreRows) {
  const auto counted = DataFrame(people()).lazy().filter(col("age") > 30).select({}).collect();
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->width(), 0);
  EXPECT_EQ(counted->height(), 3);
}

TEST(LazyFrame, AQueryIsAValue) {
  const LazyFrame all = DataFrame(people()).lazy();
  const LazyFrame some = all.filter(col("age") > 30);
  EXPECT_EQ(all.collect()->height(), 5);
  EXPECT_EQ(some.collect()->height(), 3);
  EXPECT_EQ(some.collect()->height(), 3) << "again";
}

TEST(LazyFrame, MistakesAreFoundBeforeAnythingIsComputed) {
  const LazyFrame query = DataFrame(people()).lazy();
  EXPECT_THAT(error_of(query.filter(col("agee") > 30)), HasSubstr("did you mean \"age\"?"));
  EXPECT_THAT(error_of(query.filter(col("age"))), HasSubstr("must be true or false"));
  EXPECT_THAT(error_of(query.select({col("age")}).filter(col("name") == "Ada")),
              HasSubstr("there is no column \"name\""));
  EXPECT_THAT(error_of(query.select({col("age"), col("name").alias("age")})),
              HasSubstr("two columns of the result are named \"age\""));
  EXPECT_THAT(error_of(query.filter(col("age") * INT64_MAX > 0).filter(col("x") > 1)),
              HasSubstr("there is no column \"x\""))
      << "before the overflow";
  EXPECT_THAT(error_of(query.filter(col("age") * INT64_MAX > 0), ErrorKind::Schema),
              HasSubstr("overflow"));
}

TEST(LazyFrame, AnEarlierFilterProtectsWhatFollows) {
  const DataFrame frame(sample_batch({{"i", arrow::int64(), "[9223372036854775807, 1, 2]"}}));
  EXPECT_THAT(error_of(frame.lazy().select({col("i") + 1}), ErrorKind::Schema),
              HasSubstr("overflow"));
  const auto small =
      frame.lazy().filter(col("i") < 100).select({(col("i") + 1).alias("j")}).collect();
  ASSERT_TRUE(small);
  EXPECT_TRUE(small->arrow()->Equals(*sample_batch({{"j", arrow::int64(), "[2, 3]"}})));
}

std::string repeated(const std::string& value, int count) {
  std::string json = "[" + value;
  for (int i = 1; i < count; ++i) json += "," + value;
  return json + "]";
}

// Rows of two numbers and a text, leased from the budget.
DataFrame leased(int rows, const std::shared_ptr<MemoryBudget>& budget) {
  std::string numbers = "[0";
  for (int i = 1; i < rows; ++i) numbers += "," + std::to_string(i);
  auto batch = sample_batch({{"i", arrow::int64(), numbers + "]"},
                             {"j", arrow::int64(), numbers + "]"},
                             {"s", arrow::utf8(), repeated("\"a text of some length\"", rows)}});
  MemoryLease lease = *budget->reserve(batch_bytes(*batch), LeaseHolder::Queue);
  return DataFrame(attach_lease(batch, std::move(lease)), budget);
}

TEST(LazyFrame, AResultIsPaidForUntilItIsDropped) {
  constexpr double kPadding = 3 * 2 * 64;  // of each buffer
  const auto budget = MemoryBudget::make(64 << 20);
  const auto bytes_beyond = [&](std::int64_t before) {
    return static_cast<double>(budget->reserved_bytes() - before);
  };
  {
    const DataFrame frame = leased(10'000, budget);
    const std::int64_t before = budget->reserved_bytes();
    Result<DataFrame> half = frame.lazy().filter(col("i") < 5'000).collect();
    ASSERT_TRUE(half);
    EXPECT_EQ(half->height(), 5'000);
    EXPECT_NEAR(bytes_beyond(before), static_cast<double>(half->num_bytes()), kPadding);
    EXPECT_EQ(budget->holdings().front().holder, "you");
    EXPECT_EQ(budget->chunks_held(), 2);
    EXPECT_EQ(half->budget(), budget);
    Result<DataFrame> quarter = half->lazy().filter(col("i") < 2'500).collect();
    EXPECT_NEAR(bytes_beyond(before), static_cast<double>(half->num_bytes() + quarter->num_bytes()),
                2 * kPadding);
    *half = DataFrame();
    EXPECT_NEAR(bytes_beyond(before), static_cast<double>(quarter->num_bytes()), kPadding);
  }
  EXPECT_EQ(budget->reserved_bytes(), 0);
  EXPECT_EQ(budget->chunks_held(), 0);
  EXPECT_EQ(budget->arrow_pool()->bytes_allocated(), 0);
}

TEST(LazyFrame, SharedColumnsAreNotPaidForTwice) {
  const auto budget = MemoryBudget::make(64 << 20);
  const DataFrame frame = leased(10'000, budget);
  const std::int64_t before = budget->reserved_bytes();
  const auto selected =
      frame.lazy().select({col("s"), (col("i") + col("j")).alias("sum")}).collect();
  ASSERT_TRUE(selected);
  EXPECT_EQ(selected->arrow()->column_data(0), frame.arrow()->column_data(2));
  EXPECT_GE(budget->reserved_bytes(), before + 80'000);
  EXPECT_LE(budget->reserved_bytes(), before + 82'000);
  const auto nothing_new = frame.lazy().filter(col("i") >= 0).select({col("j")}).collect();
  EXPECT_LE(budget->reserved_bytes(), before + 82'000);
  EXPECT_EQ(nothing_new->arrow()->column_data(0), frame.arrow()->column_data(1));
}

TEST(LazyFrame, OnlyColumnsThatLaterStepsNeedAreFiltered) {
  const auto budget = MemoryBudget::make(64 << 20);
  const DataFrame frame = leased(10'000, budget);
  const std::int64_t before = budget->reserved_bytes();
  const auto names =
      frame.lazy().filter(col("i") > 0).filter(col("j") > 1).select({col("j")}).collect();
  ASSERT_TRUE(names);
  EXPECT_EQ(names->height(), 9'998);
  EXPECT_LT(budget->peak_reserved_bytes(), before + 4 * 80'000) << "the text was never copied";
}

TEST(LazyFrame, TheReservationCoversWhatThePoolGivesOut) {
  const auto budget = MemoryBudget::make(64 << 20);
  const DataFrame frame = leased(50'000, budget);
  for (const char* text : {"i < 40000 and s = 'a text of some length'", "i / 3 > j * 0.25",
                           "s in ('x') or i in (1, 2, 3) or i > 10000"}) {
    const std::int64_t reserved = budget->reserved_bytes();
    const auto result = frame.lazy()
                            .filter(*parse_expr(text))
                            .select({col("s"), (col("i") * 2 - col("j")).alias("k")})
                            .collect();
    ASSERT_TRUE(result);
    EXPECT_LE(budget->arrow_pool()->max_memory(), budget->peak_reserved_bytes() - reserved) << text;
  }
}

TEST(LazyFrame, AResultThatDoesNotFitIsRefusedAndNothingLeaks) {
  const auto budget = MemoryBudget::make(64 << 20);
  const DataFrame frame = leased(50'000, budget);
  const std::int64_t before = budget->reserved_bytes();
  int refused = 0;
  for (std::int64_t room = 0;; room += 100'000) {
    MemoryLease rest = *budget->reserve(budget->available_bytes() - room, LeaseHolder::Reader);
    const auto result = frame.lazy()
                            .filter(col("i") < 40'000)
                            .select({(col("i") + 1).alias("k"), col("s")})
                            .filter(col("k") > 10)
                            .collect();
    if (result) break;
    ++refused;
    EXPECT_EQ(result.error().kind, ErrorKind::MemoryLimit);
    EXPECT_TRUE(result.error().memory);
    rest.release();
    EXPECT_EQ(budget->reserved_bytes(), before);
    EXPECT_EQ(budget->arrow_pool()->bytes_allocated(), 0);
  }
  EXPECT_GT(refused, 10);
}

TEST(LazyFrame, WhatNeedsNoMemoryWorksWithoutAny) {
  const auto budget = MemoryBudget::make(64 << 20);
  const DataFrame frame = leased(1'000, budget);
  MemoryLease overdraft = *budget->reserve(0, LeaseHolder::Reader);
  overdraft.settle_at(128 << 20);
  EXPECT_TRUE(frame.lazy().select({col("s"), col("i").alias("k")}).limit(900).collect());
  EXPECT_EQ(frame.lazy().filter(col("i") > 1).collect().error().kind, ErrorKind::MemoryLimit);
}

TEST(LazyFrame, AFewRowsOfManyDoNotPinTheRest) {
  const auto budget = MemoryBudget::make(64 << 20);
  Result<DataFrame> few;
  {
    const DataFrame frame = leased(10'000, budget);
    few = frame.lazy().filter(col("i") >= 10).limit(3).collect();
  }
  ASSERT_TRUE(few);
  EXPECT_EQ(few->height(), 3);
  EXPECT_LE(budget->reserved_bytes(), 1'000);
}

TEST(LazyFrame, ArraysOutliveTheFrameTheResultAndTheBudgetsHandle) {
  std::shared_ptr<arrow::Array> column;
  std::shared_ptr<arrow::Array> none;
  {
    const auto budget = MemoryBudget::make(64 << 20);
    const DataFrame frame = leased(1'000, budget);
    column = frame.lazy().filter(col("i") < 500).collect()->arrow()->column(2);
    none = frame.lazy().filter(col("i") < 0).collect()->arrow()->column(2);
  }
  EXPECT_TRUE(column->ValidateFull().ok());
  EXPECT_EQ(column->length(), 500);
  EXPECT_EQ(none->length(), 0);
}

TEST(LazyFrame, SeveralThreadsMayQueryOneFrame) {
  const auto budget = MemoryBudget::make(64 << 20);
  const DataFrame frame = leased(10'000, budget);
  const std::int64_t before = budget->reserved_bytes();
  const LazyFrame query =
      frame.lazy().filter(col("i") >= 5'000).select({(col("i") * 2).alias("k"), col("s")});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) EXPECT_EQ(query.collect()->height(), 5'000);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(budget->reserved_bytes(), before);
}

}  // namespace
}  // namespace polarway
