#include "formats/detect.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

TEST(DetectFormat, FilesWithAMarkTellTheirKind) {
  using namespace std::string_view_literals;
  EXPECT_EQ(kind_of_mark("ARROW1\0\0 and more"sv), "ipc");
  EXPECT_EQ(kind_of_mark("\xFF\xFF\xFF\xFF\x10\0\0\0"sv), "ipc");
  EXPECT_EQ(kind_of_mark("PAR1 and more"), "parquet");
  for (const char* text : {"", "PA", "id,name\n", "{}"}) {
    EXPECT_EQ(kind_of_mark(text), std::nullopt) << text;
  }
}

TEST(DetectFormat, ObjectsAndArraysOfRecordsAreJson) {
  for (const char* text : {"{\"a\":1}", " \n{ \"a\"", "\xEF\xBB\xBF[{\"a\"", "[]", "[ [1]", "{}"}) {
    EXPECT_EQ(kind_of_text(text), "json") << text;
  }
}

TEST(DetectFormat, AnyOtherTextIsOfNoKind) {
  for (const char* text : {"", " ", "{", "[", "a,b\n1,2\n", "[a],b", "{a},b", "[1,2]", "{{x}}"}) {
    EXPECT_EQ(kind_of_text(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace polarway
