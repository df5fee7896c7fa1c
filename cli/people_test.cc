#include "people.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace polarway::cli {
namespace {

class People : public testing::Test {
 protected:
  ~People() override { std::filesystem::remove(path_); }

  std::string made(const PeopleOptions& options) {
    const auto written = write_people(path_, options, {});
    EXPECT_TRUE(written) << written.error().to_string();
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  const std::string path_ = testing::TempDir() + "people_" +
                            testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(People, AreTheSameForTheSameSeed) {
  EXPECT_EQ(made({.rows = 1000, .seed = 3}), made({.rows = 1000, .seed = 3}));
  EXPECT_NE(made({.rows = 1000, .seed = 3}), made({.rows = 1000, .seed = 4}));
}

TEST_F(People, OfALargerFileBeginLikeThoseOfASmallerOne) {
  EXPECT_THAT(made({.rows = 2000}), testing::StartsWith(made({.rows = 1000})));
}

TEST_F(People, EndWithTheRowThatReachesTheSize) {
  const std::string text = made({.size_bytes = 100'000});
  EXPECT_GE(text.size(), 100'000U);
  EXPECT_LT(text.size(), 100'512U);
  EXPECT_EQ(text.back(), '\n');
}

TEST_F(People, HaveWhatIsHardToRead) {
  const std::string text = made({.rows = 1000});
  EXPECT_THAT(text, testing::HasSubstr(", "));           // a comma within quotes
  EXPECT_THAT(text, testing::HasSubstr("\"\"Ace\"\""));  // quotes within quotes
  EXPECT_THAT(text, testing::HasSubstr("陽子"));
  EXPECT_THAT(text, testing::HasSubstr(",,"));  // a missing value
}

TEST_F(People, LeaveNoFileAfterAStop) {
  std::stop_source stop;
  stop.request_stop();
  const auto written = write_people(path_, {.size_bytes = 10'000'000}, stop.get_token());
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::Cancelled);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace polarway::cli
