#include "sinks/dictionary_choice.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace polarway {
namespace {

constexpr std::int64_t kRows = 200'000;
constexpr std::int64_t kMaxBytes = 128 << 10;

std::shared_ptr<arrow::Array> texts(int num_values, int num_distinct) {
  std::mt19937 random(7);
  arrow::StringBuilder builder;
  for (int i = 0; i < num_values; ++i) {
    const auto which = random() % static_cast<unsigned>(num_distinct);
    EXPECT_TRUE(builder.Append("somebody " + std::to_string(which)).ok());
    EXPECT_TRUE(builder.AppendNull().ok());
  }
  return *builder.Finish();
}

template <class Builder>
std::shared_ptr<arrow::Array> numbers(int num_values, int num_distinct) {
  std::mt19937 random(7);
  Builder builder;
  for (int i = 0; i < num_values; ++i) {
    const auto which = random() % static_cast<unsigned>(num_distinct);
    EXPECT_TRUE(builder.Append(static_cast<typename Builder::value_type>(which)).ok());
  }
  return *builder.Finish();
}

TEST(DictionaryChoice, IsMadeByHowOftenValuesOccurAgain) {
  EXPECT_TRUE(dictionary_pays(*texts(4096, 20), kRows, kMaxBytes));
  EXPECT_TRUE(dictionary_pays(*texts(4096, 3000), kRows, kMaxBytes));
  EXPECT_FALSE(dictionary_pays(*texts(4096, 1 << 30), kRows, kMaxBytes));
  EXPECT_TRUE(dictionary_pays(*numbers<arrow::Int64Builder>(4096, 100), kRows, kMaxBytes));
  EXPECT_TRUE(dictionary_pays(*numbers<arrow::DoubleBuilder>(4096, 100), kRows, kMaxBytes));
  EXPECT_FALSE(dictionary_pays(*numbers<arrow::Int64Builder>(4096, 1 << 30), kRows, kMaxBytes));
}

TEST(DictionaryChoice, CountsWhatTheDictionaryAndTheIndicesTake) {
  const auto dates = numbers<arrow::Int32Builder>(4096, 6000);  // 24 kB, and 13 bits instead of 32
  EXPECT_TRUE(dictionary_pays(*dates, kRows, kMaxBytes));
  EXPECT_FALSE(dictionary_pays(*dates, kRows, 16 << 10)) << "it would be given up";
  EXPECT_FALSE(dictionary_pays(*dates, 8'000, kMaxBytes)) << "for few rows it is not worth it";
  const auto bytes = numbers<arrow::Int8Builder>(4096, 250);  // 8 bits instead of 8
  EXPECT_FALSE(dictionary_pays(*bytes, kRows, kMaxBytes));
}

TEST(DictionaryChoice, IsArrowsOwnWhereNothingIsKnown) {
  EXPECT_TRUE(dictionary_pays(*numbers<arrow::Int64Builder>(60, 1 << 30), kRows, kMaxBytes));
  EXPECT_TRUE(
      dictionary_pays(*arrow::MakeArrayOfNull(arrow::utf8(), 5000).ValueOrDie(), kRows, kMaxBytes));
  EXPECT_TRUE(dictionary_pays(*arrow::MakeArrayOfNull(arrow::list(arrow::int64()), 9).ValueOrDie(),
                              kRows, kMaxBytes));
}

TEST(DictionaryChoice, LooksAtASliceOnly) {
  const auto few = numbers<arrow::Int64Builder>(4096, 10);
  const auto many = numbers<arrow::Int64Builder>(4096, 1 << 30);
  const auto both = arrow::Concatenate({few, many}).ValueOrDie();
  EXPECT_TRUE(dictionary_pays(*both->Slice(0, 4096), kRows, kMaxBytes));
  EXPECT_FALSE(dictionary_pays(*both->Slice(4096), kRows, kMaxBytes));
}

}  // namespace
}  // namespace polarway
