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
  std::vector<std::uint32_t> line_ends = std::vector<std::uint32_t>(1000);
  std::vector<std::uint32_t> ragged_fields = std::vector<std::uint32_t>(1000);
  std::vector<std::uint32_t> fitted_ends = std::vector<std::uint32_t>(1000);
  Rows rows;
  RaggedRow ragged;
  bool is_ragged = false;

  Indexed(std::string of, std::int64_t num_columns, Marks marks = {}, RowRules rules = {})
      : text(std::move(of)) {
    rules.num_columns = num_columns;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const Scan scan = exact_scan({bytes, text.size()}, marks, ends);
    const RowPositions positions{.room = 1000,
                                 .ends = ends.data(),
                                 .begins = begins.data(),
                                 .line_ends = line_ends.data(),
                                 .ragged = ragged_fields.data(),
                                 .fitted_ends = fitted_ends.data()};
    const IndexedRows indexed = index_rows(bytes, positions, scan, marks, rules);
    rows = indexed.rows;
    is_ragged = indexed.ragged.has_value();
    ragged = indexed.ragged.value_or(RaggedRow{});
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

std::vector<std::string> row_of(const Rows& rows, std::int64_t row) {
  std::vector<std::string> fields;
  for (std::int64_t i = 0; i < rows.num_columns; ++i) fields.emplace_back(rows.field(row, i));
  return fields;
}
using Fields = std::vector<std::string>;

TEST(IndexRows, FillsMissingFieldsAndDropsExtraOnesWhereAskedTo) {
  for (const Marks& marks : {Marks{}, Marks{.delimiter = '|', .long_delimiter = "<|"}}) {
    const std::string d = marks.long_delimiter.empty() ? "," : "<|";
    const std::string text = "a\r\nb" + d + "c\r\nd" + d + "e" + d + "f\r\ng" + d + "h" + d + "i" +
                             d + "j\n\nk" + d + d + "l\n";
    const Indexed both(text, 3, marks, {.drops_extra = true, .fills_missing = true});
    ASSERT_EQ(both.rows.num_rows, 5);
    EXPECT_EQ(row_of(both.rows, 0), (Fields{"a", "", ""}));
    EXPECT_EQ(row_of(both.rows, 1), (Fields{"b", "c", ""}));
    EXPECT_EQ(row_of(both.rows, 2), (Fields{"d", "e", "f"}));
    EXPECT_EQ(row_of(both.rows, 3), (Fields{"g", "h", "i"}));
    EXPECT_EQ(row_of(both.rows, 4), (Fields{"k", "", "l"}));
    EXPECT_EQ(both.rows.row_end(3), text.find("\n\n"));
    const Indexed padded(text, 3, marks, {.fills_missing = true});
    EXPECT_EQ(padded.rows.num_rows, 3);
    EXPECT_EQ(padded.ragged.row, 3);
  }
}

TEST(IndexRows, KeepsThePlacesOfRowsToBeRejected) {
  for (const Marks& marks : {Marks{}, Marks{.delimiter = '|', .long_delimiter = "<|"}}) {
    const std::string d = marks.long_delimiter.empty() ? "," : "<|";
    const std::string text =
        "x\na" + d + "b\ny" + d + "y" + d + "y\r\nlong" + d + "longlong\n\nc" + d + "d\r\nz";
    const Indexed table(text + "\n", 2, marks, {.max_line_bytes = 9, .rejects = true});
    ASSERT_EQ(table.rows.num_rows, 6);
    EXPECT_FALSE(table.is_ragged);
    const std::vector<std::uint32_t> found(table.rows.ragged, table.rows.ragged + 6);
    EXPECT_EQ(found, (std::vector<std::uint32_t>{1, 0, 3, Rows::kTooLong, 0, 1}));
    EXPECT_EQ(row_of(table.rows, 1), (Fields{"a", "b"}));
    EXPECT_EQ(row_of(table.rows, 4), (Fields{"c", "d"}));
    for (const std::int64_t row : {0, 2, 3, 5}) {
      EXPECT_EQ(row_of(table.rows, row), (Fields{"", ""})) << row;
    }
    EXPECT_EQ(table.rows.row_begin(5), text.size() - 1);
    EXPECT_EQ(table.rows.row_end(5), text.size());
  }
}

TEST(IndexRows, EndsWhereThereIsNoRoomForFieldsThatAreMissing) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "x\n";
  const Indexed table(text, 100, {}, {.fills_missing = true});
  EXPECT_EQ(table.rows.num_rows, 10);  // of a thousand entries
  EXPECT_FALSE(table.is_ragged);
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
