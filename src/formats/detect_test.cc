#include "formats/detect.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

TEST(DetectFormat, ObjectsAndArraysOfRecordsAreJson) {
  for (const char* text : {"{\"a\":1}", " \n{ \"a\"", "\xEF\xBB\xBF[{\"a\"", "[]", "[ [1]", "{}"}) {
    EXPECT_EQ(detect_format(text), "json") << text;
  }
}

TEST(DetectFormat, AnyOtherTextIsOfNoKind) {
  for (const char* text : {"", " ", "{", "[", "a,b\n1,2\n", "[a],b", "{a},b", "[1,2]", "{{x}}"}) {
    EXPECT_EQ(detect_format(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace polarway
