#include "formats/parquet/row_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

namespace polarway::pq {
namespace {

using ::testing::HasSubstr;

struct Said {
  std::int64_t rows = 10;
  std::int64_t values = 10;
  std::int64_t offset = 4;
};

// A footer with a row group for each, of one column, in a file whose pages end at byte 1,000.
std::shared_ptr<::parquet::FileMetaData> footer_of(const std::vector<Said>& groups) {
  const ::parquet::schema::NodeVector fields{::parquet::schema::PrimitiveNode::Make(
      "c", ::parquet::Repetition::REQUIRED, ::parquet::Type::INT64)};
  static ::parquet::SchemaDescriptor schema;
  schema.Init(
      ::parquet::schema::GroupNode::Make("schema", ::parquet::Repetition::REQUIRED, fields));
  const auto builder =
      ::parquet::FileMetaDataBuilder::Make(&schema, ::parquet::default_writer_properties());
  for (const Said& said : groups) {
    auto* group = builder->AppendRowGroup();
    group->set_num_rows(said.rows);
    group->NextColumnChunk()->Finish(said.values, 0, 0, said.offset, 100, 100, false, false, {},
                                     {});
    group->Finish(100);
  }
  return builder->Finish();
}

Result<RowGroups> groups_of(const std::vector<Said>& groups) {
  return RowGroups::make(footer_of(groups), 1'000, "x.parquet");
}

TEST(RowGroups, AreOneSequenceOfRowsOfThoseThatAreLeft) {
  auto groups = groups_of({{.rows = 10}, {.rows = 0, .values = 0}, {.rows = 5, .values = 5}, {}});
  ASSERT_TRUE(groups);
  EXPECT_EQ(groups->num_rows(), 25);
  EXPECT_EQ(groups->groups().size(), 3U);
  groups->select(0, 4, [](int number) { return number != 0; });
  EXPECT_EQ(groups->num_rows(), 15);
  for (const std::int64_t row : {0, 4}) EXPECT_EQ(groups->groups()[groups->find(row)].number, 2);
  for (const std::int64_t row : {5, 14}) EXPECT_EQ(groups->groups()[groups->find(row)].number, 3);
  EXPECT_EQ(groups->groups()[1].file_row, 15);
  EXPECT_EQ(groups->groups()[1].first_row, 5);
}

TEST(RowGroups, AColumnLongerOrShorterThanItsRowsIsDamageThatNamesIt) {
  for (const std::int64_t values : {0, 9, 11}) {
    const auto groups = groups_of({{}, {.values = values}});
    EXPECT_TRUE(groups->chunk(0, 0, false));
    const auto chunk = groups->chunk(1, 0, false);
    ASSERT_FALSE(chunk);
    EXPECT_EQ(chunk.error().kind, ErrorKind::Parse);
    EXPECT_EQ(chunk.error().where.column, "c");
    EXPECT_THAT(chunk.error().message, HasSubstr("row group 1"));
    EXPECT_TRUE(groups->chunk(1, 0, true)) << "lists may be of any length";
  }
}

TEST(RowGroups, AColumnThatIsNotInTheFileIsDamage) {
  for (const std::int64_t offset : {-1, 0, 3, 1'000, 1'000'000}) {
    EXPECT_FALSE(groups_of({{.offset = offset}})->chunk(0, 0, false)) << offset;
  }
  EXPECT_TRUE(groups_of({{.offset = 999}})->chunk(0, 0, false));
}

TEST(RowGroups, MoreRowsThanCanBeCountedAreRefused) {
  EXPECT_FALSE(groups_of({{.rows = INT64_MAX}, {.rows = 1}}));
  EXPECT_FALSE(groups_of({{.rows = -1}}));
}

}  // namespace
}  // namespace polarway::pq
