#include "sources/http/page_shape.h"

#include <gtest/gtest.h>

namespace polarway::rest {
namespace {

std::string shape(std::string_view sample, bool is_whole = true, ShapeHints hints = {}) {
  const Result<PageShape> found = find_shape(sample, is_whole, hints);
  if (!found) return std::string(to_string(found.error().kind)) + ": " + found.error().message;
  if (found->path) return found->path->to_text();
  return found->records == RecordsPass::Shape::Array ? "array" : "values";
}

TEST(PageShape, TheOneArrayOfObjectsIsTheRecords) {
  EXPECT_EQ(shape(R"({"meta":{"n":1},"data":{"items":[{"a":1}]}})"), "data.items");
  EXPECT_EQ(shape(R"({"data":[{"a":1},)", false), "data");
  EXPECT_EQ(shape(R"({"data":[]})"), "data");
  EXPECT_EQ(shape("[1,2]"), "array");
  EXPECT_EQ(shape(" \n"), "array");
}

TEST(PageShape, OneObjectBehindTheOtherIsValues) {
  EXPECT_EQ(shape("{\"a\":[{}]}\n{\"a\":[{}]}\n"), "values");
  EXPECT_EQ(shape(R"({"a":1})"), "values");
  EXPECT_EQ(
      shape(R"({"a":[{}]})", true, {.records_path = {}, .is_lines = true, .content_type = {}}),
      "values");
}

TEST(PageShape, WhatIsNotClearIsNotGuessed) {
  EXPECT_EQ(shape(R"({"a":[{}],"b":[{}]})"),
            "Config: several arrays of the page could be the records: a, b");
  EXPECT_EQ(
      shape(R"({"a":1,"b":{"c":)", false),
      "Config: in the first 16 bytes of the page is no array of objects; it has a (number), b "
      "(object)");
}

TEST(PageShape, WhatIsCutOffIsNoRecord) {
  EXPECT_EQ(shape(R"({"data":[{"a":1})"), "Network: the page ends within its JSON");
}

TEST(PageShape, WhatIsNoJsonIsShown) {
  EXPECT_EQ(
      shape("<html>", true, {.records_path = {}, .is_lines = false, .content_type = "text/html"}),
      "Parse: this is HTML or XML, not JSON (content type text/html): \"<html>\"");
  EXPECT_EQ(shape("id,name\n"), "Parse: this is text, not JSON: \"id,name\\n\"");
}

}  // namespace
}  // namespace polarway::rest
