#include "selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace polarway::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

const Schema kPeople({{"name", DataType::String},
                      {"age", DataType::Int64},
                      {"pay", DataType::Float64}});

SourceConfig pushed_down(const std::string& where, const std::string& select) {
  SourceConfig config("people.csv");
  const auto selection = Selection::parse(where, select);
  EXPECT_TRUE(selection) << selection.error().to_string();
  if (selection) selection->push_down(config);
  return config;
}

TEST(Selection, OfNothingAsksForEverything) {
  const SourceConfig config = pushed_down("", "");
  EXPECT_EQ(config.columns(), std::nullopt);
  EXPECT_FALSE(config.filter());
}

TEST(Selection, AsksTheSourceForPlainColumnsInTheirOrder) {
  EXPECT_THAT(pushed_down("", "pay, name").columns(), Optional(ElementsAre("pay", "name")));
}

TEST(Selection, LeavesTheColumnsOfTheFilterToTheSource) {
  const SourceConfig config = pushed_down("age > 30", "name");
  EXPECT_THAT(config.columns(), Optional(ElementsAre("name")));
  ASSERT_TRUE(config.filter());
  EXPECT_THAT(config.filter()->columns(), ElementsAre("age"));
}

TEST(Selection, AsksTheSourceOnceForEachColumnThatIsComputedWith) {
  EXPECT_THAT(pushed_down("", "pay * age as x, age + 1, name").columns(),
              Optional(ElementsAre("pay", "age", "name")));
  EXPECT_THAT(pushed_down("", "1 as one").columns(), Optional(IsEmpty()));
}

TEST(Selection, KnowsTheComputedSchemaBeforeTheFirstRow) {
  const auto selection = Selection::parse("", "name as who, age > 30 as is_old");
  ASSERT_TRUE(selection);
  const auto schema = selection->schema(kPeople);
  ASSERT_TRUE(schema) << schema.error().to_string();
  EXPECT_THAT(schema->names(), ElementsAre("who", "is_old"));
  EXPECT_EQ(schema->field(1).type, DataType::Boolean);
}

TEST(Selection, FindsMistakesBeforeTheFirstRow) {
  EXPECT_EQ(Selection::parse("age >", "").error().kind, ErrorKind::Config);
  EXPECT_EQ(Selection::parse("", "name,,age").error().kind, ErrorKind::Config);
  const auto selection = Selection::parse("", "nmae as who");
  ASSERT_TRUE(selection);
  EXPECT_EQ(selection->schema(kPeople).error().kind, ErrorKind::Config);
}

}  // namespace
}  // namespace polarway::cli
