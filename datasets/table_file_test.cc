#include "datasets/table_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "datasets/arrangement.h"

namespace polarway::datasets {
namespace {

class TableFile : public testing::Test {
 protected:
  ~TableFile() override { std::filesystem::remove(path_); }

  std::string made(std::string_view name, const TableSize& size, std::uint64_t seed = 7,
                   const Arrangement& arrangement = {}) {
    auto table = make_table(name, seed);
    EXPECT_TRUE(table) << table.error().to_string();
    const auto written =
        write_table(path_, *arrange(*std::move(table), arrangement, seed), size, {});
    EXPECT_TRUE(written) << written.error().to_string();
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  const std::string path_ =
      testing::TempDir() + "table_" + testing::UnitTest::GetInstance()->current_test_info()->name();
};

constexpr const char* kTables[] = {"people", "taxi", "quoted", "wide", "narrow"};

TEST_F(TableFile, IsTheSameForTheSameSeed) {
  for (const char* name : kTables) {
    EXPECT_EQ(made(name, {.rows = 300}, 3), made(name, {.rows = 300}, 3)) << name;
    EXPECT_NE(made(name, {.rows = 300}, 3), made(name, {.rows = 300}, 4)) << name;
  }
}

TEST_F(TableFile, ThatIsLargerBeginsLikeASmallerOne) {
  for (const char* name : kTables) {
    EXPECT_THAT(made(name, {.rows = 600}), testing::StartsWith(made(name, {.rows = 300}))) << name;
  }
}

TEST_F(TableFile, EndsWithTheRowThatReachesTheSize) {
  for (const char* name : kTables) {
    const std::string text = made(name, {.bytes = 100'000});
    EXPECT_GE(text.size(), 100'000U) << name;
    EXPECT_LT(text.rfind('\n', text.size() - 2), 100'000U) << name;
    EXPECT_EQ(text.back(), '\n') << name;
  }
}

TEST_F(TableFile, OfPeopleHasWhatIsHardToRead) {
  const std::string text = made("people", {.rows = 1000});
  EXPECT_THAT(text, testing::HasSubstr(", "));           // a comma within quotes
  EXPECT_THAT(text, testing::HasSubstr("\"\"Ace\"\""));  // quotes within quotes
  EXPECT_THAT(text, testing::HasSubstr("陽子"));
  EXPECT_THAT(text, testing::HasSubstr(",,"));  // a missing value
}

TEST_F(TableFile, DoesNotStayAfterAStop) {
  std::stop_source stop;
  stop.request_stop();
  const auto written = write_table(path_, *make_people(7), {.bytes = 10'000'000}, stop.get_token());
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::Cancelled);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(TableFile, MayHaveItsColumnsInAnotherOrderOnce) {
  const std::string plain = made("narrow", {.rows = 50});
  const std::string shuffled = made("narrow", {.rows = 50}, 7, {.shuffle_columns = true});
  EXPECT_NE(plain, shuffled);
  EXPECT_EQ(plain.size(), shuffled.size());
  EXPECT_EQ(shuffled, made("narrow", {.rows = 50}, 7, {.shuffle_columns = true}));
}

TEST_F(TableFile, MayHaveFewerColumnsOrMore) {
  EXPECT_EQ(made("narrow", {.rows = 1}, 7, {.num_columns = 2}).substr(0, 11), "id,small\n1,");
  const std::string wider = made("narrow", {.rows = 1}, 7, {.num_columns = 9});
  EXPECT_THAT(wider,
              testing::StartsWith("id,small,change,key,id_2,small_2,change_2,key_2,id_3\n1,"));
  EXPECT_THAT(wider, testing::EndsWith(",1\n"));
}

TEST_F(TableFile, MayHaveCellsInQuotesThatNeedNone) {
  const std::string plain = made("people", {.rows = 2000});
  std::string quoted = made("people", {.rows = 2000}, 7, {.quoted_percent = 1});
  const std::size_t added = quoted.size() - plain.size();
  EXPECT_GT(added, 2U * 100);  // of 20,000 cells, some of which are empty
  EXPECT_LT(added, 2U * 300);
  quoted = made("narrow", {.rows = 20}, 7, {.quoted_percent = 100});
  EXPECT_THAT(quoted, testing::HasSubstr("\n\"1\",\""));
  std::erase(quoted, '"');
  EXPECT_EQ(quoted, made("narrow", {.rows = 20}));
}

TEST(Tables, ThatDoNotExistAreRefusedWithThoseThatDo) {
  const auto table = make_table("lineitem", 7);
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().kind, ErrorKind::Config);
  EXPECT_THAT(table.error().to_string(), testing::HasSubstr("people, taxi, quoted, wide, narrow"));
}

}  // namespace
}  // namespace polarway::datasets
