#include "sources/column_union.h"

#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace polarway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const DataType kNothing(arrow::null());

class ColumnUnionTest : public ::testing::Test {
 protected:
  ColumnUnion make(bool by_name, MissingColumns missing = MissingColumns::Raise,
                   ExtraColumns extra = ExtraColumns::Raise) const {
    FileOptions options;
    options.union_by_name = by_name;
    options.missing_columns = missing;
    options.extra_columns = extra;
    return {options, budget};
  }
  std::shared_ptr<MemoryBudget> budget = MemoryBudget::make(64 << 20);
};

TEST(CommonType, LosesNoValue) {
  EXPECT_EQ(common_type(DataType::Int64, DataType::Int64), DataType::Int64);
  EXPECT_EQ(common_type(DataType::Int64, DataType::Float64), DataType::Float64);
  EXPECT_EQ(common_type(DataType::Int64, kNothing), DataType::Int64);
  EXPECT_EQ(common_type(kNothing, DataType::Date), DataType::Date);
  for (const DataType& other : {DataType::Boolean, DataType::Date, DataType::Timestamp,
                                DataType::TimestampUtc, DataType::String}) {
    EXPECT_EQ(common_type(DataType::Int64, other), DataType::String);
    EXPECT_EQ(common_type(other, DataType::Float64), DataType::String);
  }
  EXPECT_EQ(common_type(DataType::Date, DataType::Timestamp), DataType::String);
}

TEST_F(ColumnUnionTest, ByNameHasAllColumnsInTheOrderInWhichTheyAppear) {
  ColumnUnion all = make(true);
  ASSERT_TRUE(all.add("1", Schema({{"a", DataType::Int64}, {"b", DataType::Int64}})));
  ASSERT_TRUE(all.add("2", Schema({{"c", DataType::Date}, {"a", DataType::Float64}})));
  ASSERT_TRUE(all.add("3", Schema({{"b", DataType::String}, {"d", kNothing}})));
  EXPECT_EQ(all.schema(), Schema({{"a", DataType::Float64},
                                  {"b", DataType::String},
                                  {"c", DataType::Date},
                                  {"d", DataType::String}}));
  EXPECT_THAT(all.notes(),
              ElementsAre("column a is not in 1 of 3 files, such as 3, and null there",
                          "column b is not in 1 of 3 files, such as 2, and null there",
                          "column c is not in 2 of 3 files, such as 1, and null there",
                          "column d is not in 2 of 3 files, such as 1, and null there"));
}

TEST_F(ColumnUnionTest, OtherwiseADifferenceIsAnErrorThatNamesFileAndColumns) {
  const Schema table({{"a", DataType::Int64}, {"b", DataType::Int64}});
  ColumnUnion strict = make(false);
  ASSERT_TRUE(strict.add("1", table));
  ASSERT_TRUE(strict.add("2", Schema({{"b", DataType::Int64}, {"a", DataType::Int64}})));
  EXPECT_THAT(strict.notes(), IsEmpty());
  const Result<void> missing = strict.add("3", Schema({{"a", DataType::Int64}}));
  EXPECT_EQ(missing.error().kind, ErrorKind::Schema);
  EXPECT_THAT(missing.error().to_string(), HasSubstr("3, column b: the file lacks column b"));
  const Result<void> extra = strict.add(
      "4", Schema({{"a", DataType::Int64}, {"B", DataType::Int64}, {"b", DataType::Int64}}));
  EXPECT_THAT(extra.error().to_string(), HasSubstr("4, column B: the file has column B"));
  EXPECT_TRUE(check_columns(table, "1", table, "2", FileOptions()));
  EXPECT_FALSE(check_columns(table, "1", Schema({{"a", DataType::Int64}}), "2", FileOptions()));
}

TEST_F(ColumnUnionTest, MissingColumnsMayBeInsertedAndExtraOnesIgnoredWhichIsSaid) {
  ColumnUnion lenient = make(false, MissingColumns::Insert, ExtraColumns::Ignore);
  ASSERT_TRUE(lenient.add("1", Schema({{"a", DataType::Int64}, {"b", DataType::Int64}})));
  ASSERT_TRUE(lenient.add("2", Schema({{"x", DataType::Int64}, {"a", DataType::Int64}})));
  EXPECT_EQ(lenient.schema().names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_THAT(lenient.notes(),
              ElementsAre("column b is not in 1 of 2 files, such as 2, and null there",
                          "1 of 2 files have columns that are left out: 2 has x"));
  ASSERT_TRUE(lenient.add_pinned(Schema({{"a", DataType::Int64}, {"p", DataType::Date}})));
  EXPECT_EQ(lenient.schema().field(2).type, DataType::Date);
}

TEST_F(ColumnUnionTest, APinnedColumnThatNoFileHasIsAnErrorUnlessItIsInserted) {
  ColumnUnion all = make(true);
  ASSERT_TRUE(all.add("1", Schema({{"a", DataType::Int64}})));
  const Result<void> pinned = all.add_pinned(Schema({{"aa", DataType::Int64}}));
  EXPECT_EQ(pinned.error().kind, ErrorKind::Schema);
  EXPECT_THAT(pinned.error().message, HasSubstr("which no file has"));
}

TEST_F(ColumnUnionTest, NotesAreADozenLinesHoweverManyColumnsThereAreAndColumnsArePaidFor) {
  ColumnUnion all = make(true);
  for (int file = 0; file < 1000; ++file) {
    ASSERT_TRUE(
        all.add(std::to_string(file), Schema({{"c" + std::to_string(file), DataType::Int64}})));
  }
  EXPECT_EQ(all.notes().size(), 11u);
  EXPECT_EQ(all.notes().back(), "so are 990 more columns");
  EXPECT_GT(budget->reserved_bytes(), 900 * 500);

  budget = MemoryBudget::make(100'000);
  ColumnUnion poor = make(true);
  Result<void> added;
  for (int file = 0; file < 1000 && added; ++file) {
    added = poor.add("f", Schema({{"c" + std::to_string(file), DataType::Int64}}));
  }
  EXPECT_EQ(added.error().kind, ErrorKind::MemoryLimit);
}

}  // namespace
}  // namespace polarway
