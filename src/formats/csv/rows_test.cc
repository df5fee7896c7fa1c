#include "formats/csv/rows.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace polarway::csv {
namespace {

struct Indexed {
  std::string text;
  std::vector<std::uint32_t> ends = std::vector<std::uint32_t>(1000);
  std::vector<std::uint32_t> begins = std::vector<std::uint32_t>(1000);
  Rows rows;
  RaggedRow ragged;
  bool is_ragged = false;

  Indexed(std::string of, std::int64_t num_columns, Marks marks = {}) : text(std::move(of)) {
    const Scan scan =
        exact_scan({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, marks, ends);
    rows = index_rows(reinterpret_cast<const std::uint8_t*>(text.data()), ends.data(),
                      begins.data(), scan, marks, num_columns, &ragged, &is_ragged);
  }
};

TEST(IndexRows, FindsFieldsWithoutLineEnds) {
  const Indexed table("a,b\r\n,\ncc,dd\n", 2);
  ASSERT_EQ(table.rows.num_rows, 3);
  EXPECT_EQ(table.rows.begins, nullptr);  // the regular case
  EXPECT_EQ(table.rows.field(0, 0), "a");
  EXPECT_EQ(table.rows.field(0, 1), "b");
  EXPECT_EQ(table.rows.field(1, 0), "");
  EXPECT_EQ(table.rows.field(1, 1), "");
  EXPECT_EQ(table.rows.field(2, 1), "dd");
}

TEST(IndexRows, LeavesOutBlankLinesAndComments) {
  const Indexed table("\n#,,,\na,b\n\r\n\nc,d\n", 2, {.comment = "#"});
  ASSERT_EQ(table.rows.num_rows, 2);
  EXPECT_FALSE(table.is_ragged);
  EXPECT_EQ(table.rows.field(0, 0), "a");
  EXPECT_EQ(table.rows.field(1, 0), "c");
  EXPECT_EQ(table.rows.field(1, 1), "d");
  EXPECT_EQ(table.rows.row_begin(1), 13u);
}

TEST(IndexRows, EndsAtARowOfAnotherLength) {
  for (const char* bad : {"x", "x,y,z"}) {
    const Indexed table("a,b\n" + std::string(bad) + "\nc,d\n", 2);
    EXPECT_EQ(table.rows.num_rows, 1);
    ASSERT_TRUE(table.is_ragged);
    EXPECT_EQ(table.ragged.row, 1);
    EXPECT_EQ(table.ragged.begin, 4u);
    EXPECT_EQ(table.ragged.end, 4u + std::string(bad).size());
  }
  // Two wrongs make no right: four fields and two fields are not twice three.
  const Indexed table("a,b,c,d\ne,f\n", 3);
  EXPECT_TRUE(table.is_ragged);
  EXPECT_EQ(table.rows.num_rows, 0);
}

TEST(IndexRows, KeepsBlankLinesOfASingleColumn) {
  const Indexed table("a\n\nb\n", 1);
  ASSERT_EQ(table.rows.num_rows, 3);
  EXPECT_EQ(table.rows.field(1, 0), "");
}

TEST(FirstRowFields, LooksPastBlankLinesAndComments) {
  const std::string text = "\n#x,y\na,b,c\nd\n";
  const Marks marks{.comment = "#"};
  std::vector<std::uint32_t> ends(100);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const Scan scan = exact_scan({bytes, text.size()}, marks, ends);
  std::uint32_t begin = 0;
  std::int64_t index = 0;
  EXPECT_EQ(first_row_fields(bytes, ends.data(), scan, marks, false, &begin, &index), 3);
  EXPECT_EQ(begin, 6u);
}

}  // namespace
}  // namespace polarway::csv
