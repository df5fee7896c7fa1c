#include "sources/file_place.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

const FilePlace kPlace{.fingerprint = 0xFEDCBA9876543210,
                       .file = 2,
                       .end_file = 5,
                       .rows_before = 1'000'000'000'000,
                       .within = "{\"byte\": 7} with blanks"};

TEST(FilePlace, IsReadBackAsItWasWritten) {
  for (const char* within : {"", "x", " ", "{\"byte\": 7} with blanks"}) {
    FilePlace place = kPlace;
    place.within = within;
    const auto read = FilePlace::parse(place.to_text(), place.fingerprint, 5, "here");
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(read->file, 2);
    EXPECT_EQ(read->end_file, 5);
    EXPECT_EQ(read->rows_before, place.rows_before);
    EXPECT_EQ(read->within, within);
  }
}

TEST(FilePlace, OfOtherFilesIsChanged) {
  const auto read = FilePlace::parse(kPlace.to_text(), 1, 5, "here");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::Changed);
  EXPECT_EQ(read.error().where.location, "here");
}

TEST(FilePlace, OtherTextIsAConfigError) {
  for (const char* text : {"", "x", "1", "1 2", "1 2 5 0", "1 5 5 0 ", "1 -1 5 0 ", "1 2 6 0 ",
                           "1 2 5 -1 ", "1  2 5 0 ", "{\"byte\":0}"}) {
    const auto read = FilePlace::parse(text, 1, 5, "here");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::Config) << text;
  }
}

}  // namespace
}  // namespace polarway
