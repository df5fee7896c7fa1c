#include "sources/hive_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace polarway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(HivePath, FoldersCalledKeyEqualsValueAreParts) {
  EXPECT_THAT(hive_parts("/data/year=2024/month=5/part=1.csv"),
              ElementsAre(HivePart{"year", "2024"}, HivePart{"month", "5"}));
  EXPECT_THAT(hive_parts("a/b.csv"), IsEmpty());
  EXPECT_THAT(hive_parts("=1/b.csv"), IsEmpty());
  EXPECT_THAT(hive_parts("k=/b.csv"), ElementsAre(HivePart{"k", ""}));
  EXPECT_THAT(hive_parts("k=a=b/b.csv"), ElementsAre(HivePart{"k", "a=b"}));
}

TEST(HivePath, ValuesAreDecodedOnceAndStayData) {
  EXPECT_THAT(hive_parts("k=..%2F..%2Fetc%2Fpasswd/a.csv"),
              ElementsAre(HivePart{"k", "../../etc/passwd"}));
  EXPECT_THAT(hive_parts("k=%252F/a.csv"), ElementsAre(HivePart{"k", "%2F"}));
  EXPECT_THAT(hive_parts("k=100%/a.csv"), ElementsAre(HivePart{"k", "100%"}));
  EXPECT_THAT(hive_parts("k=%zz/a.csv"), ElementsAre(HivePart{"k", "%zz"}));
  EXPECT_THAT(hive_parts("a%20b=c%3Dd/a.csv"), ElementsAre(HivePart{"a b", "c=d"}));
}

TEST(HivePath, TheDefaultPartitionIsNullAndTheLastOfAKeyCounts) {
  EXPECT_THAT(hive_parts("k=__HIVE_DEFAULT_PARTITION__/a.csv"),
              ElementsAre(HivePart{"k", std::nullopt}));
  EXPECT_THAT(hive_parts("k=1/j=2/k=3/a.csv"), ElementsAre(HivePart{"k", "3"}, HivePart{"j", "2"}));
}

DataType type_of(std::initializer_list<std::optional<std::string>> values) {
  HiveType type;
  for (const auto& value : values) type.see(value);
  return type.type();
}

TEST(HiveType, IsOneThatLosesNothingOfAnyValue) {
  EXPECT_EQ(type_of({"1", "-20", "9223372036854775807"}), DataType::Int64);
  EXPECT_EQ(type_of({"1", std::nullopt}), DataType::Int64);
  EXPECT_EQ(type_of({"1", "01"}), DataType::String);
  EXPECT_EQ(type_of({"+1"}), DataType::String);
  EXPECT_EQ(type_of({"-0"}), DataType::String);
  EXPECT_EQ(type_of({"9223372036854775808"}), DataType::String);
  EXPECT_EQ(type_of({"2024-02-29", "2024-03-01"}), DataType::Date);
  EXPECT_EQ(type_of({"2024-02-30"}), DataType::String);
  EXPECT_EQ(type_of({"2024-02-29", "1"}), DataType::String);
  EXPECT_EQ(type_of({""}), DataType::String);
  EXPECT_EQ(type_of({std::nullopt}), DataType::String);
}

}  // namespace
}  // namespace polarway
