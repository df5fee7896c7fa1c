#include "frame/table_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "frame/cell_text.h"
#include "frame/sample_batch.h"

namespace polarway {
namespace {

using testing::HasSubstr;

std::string cell(const std::shared_ptr<arrow::DataType>& type, const std::string& json) {
  return cell_text(*sample_array(type, "[" + json + "]"), 0);
}

TEST(TableText, LooksLikePolars) {
  const auto batch = sample_batch({{"name", arrow::utf8(), R"(["Ada", null, "Zoë"])"},
                                   {"age", arrow::int64(), "[36, 41, null]"},
                                   {"score", arrow::float64(), "[1, 2.5, NaN]"}});
  EXPECT_EQ(table_text(*batch, 10), R"(shape: (3, 3)
┌──────┬──────┬───────┐
│ name ┆ age  ┆ score │
│ ---  ┆ ---  ┆ ---   │
│ str  ┆ i64  ┆ f64   │
╞══════╪══════╪═══════╡
│ Ada  ┆ 36   ┆ 1.0   │
│ null ┆ 41   ┆ 2.5   │
│ Zoë  ┆ null ┆ nan   │
└──────┴──────┴───────┘)");
}

TEST(TableText, RowsInTheMiddleAreLeftOut) {
  const auto batch = sample_batch({{"a", arrow::int8(), "[1, 2, 3, 4, 5, 6]"}});
  EXPECT_EQ(table_text(*batch, 3), R"(shape: (6, 1)
┌─────┐
│ a   │
│ --- │
│ i8  │
╞═════╡
│ 1   │
│ 2   │
│ …   │
│ 6   │
└─────┘)");
  EXPECT_THAT(table_text(*batch, 6), testing::Not(HasSubstr("…")));
  EXPECT_THAT(table_text(*batch, 0), HasSubstr("╡\n│ …   │\n└"));
  EXPECT_EQ(table_text(*batch, -1), table_text(*batch, 0));
}

TEST(TableText, ColumnsInTheMiddleAreLeftOut) {
  std::vector<SampleColumn> columns;
  for (int i = 0; i < 9; ++i) columns.push_back({"c" + std::to_string(i), arrow::int64(), "[7]"});
  const std::string text = table_text(*sample_batch(columns), 10);
  EXPECT_THAT(text, HasSubstr("shape: (1, 9)"));
  EXPECT_THAT(text, HasSubstr("┆ c3  ┆ … ┆ c5  ┆"));
  EXPECT_THAT(text, HasSubstr("┆ --- ┆   ┆ --- ┆"));
  EXPECT_THAT(text, HasSubstr("┆ 7   ┆ … ┆ 7   ┆"));
  EXPECT_THAT(text, testing::Not(HasSubstr("c4")));
}

TEST(TableText, NothingIsStillATable) {
  const auto batch = sample_batch({{"a", arrow::utf8(), "[]"}});
  EXPECT_THAT(table_text(*batch, 10), HasSubstr("shape: (0, 1)"));
  EXPECT_THAT(table_text(*batch, 10), HasSubstr("╞═════╡\n└─────┘"));
  const auto bare =
      arrow::RecordBatch::Make(arrow::schema(arrow::FieldVector{}), 3, arrow::ArrayVector{});
  EXPECT_EQ(table_text(*bare, 10), "shape: (3, 0)\n┌┐\n╞╡\n└┘");
}

TEST(CellText, LongAndWildTextIsTamed) {
  EXPECT_EQ(one_line(std::string(32, 'x')), std::string(32, 'x'));
  EXPECT_EQ(one_line(std::string(33, 'x')), std::string(31, 'x') + "…");
  EXPECT_EQ(one_line(std::string(1'000'000, 'x')), std::string(31, 'x') + "…");
  EXPECT_EQ(one_line("two\nlines\tand \x1b[31m"), "two\\nlines\\tand \\x1B[31m");
  EXPECT_EQ(one_line("quotes \" and \\ stay"), "quotes \" and \\ stay");
  EXPECT_EQ(one_line("bad \xff utf8 \xe2\x28"), "bad \\xFF utf8 \\xE2(");
  EXPECT_EQ(one_line("\xe2"), "\\xE2");
  EXPECT_EQ(display_width(one_line("größe ✓")), 7U);
  std::string wide;
  for (int i = 0; i < 40; ++i) wide += "é";
  EXPECT_EQ(display_width(one_line(wide)), 32U);
}

TEST(CellText, EveryTypeHasItsWayToBeWritten) {
  EXPECT_EQ(cell(arrow::boolean(), "true"), "true");
  EXPECT_EQ(cell(arrow::uint64(), "18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(cell(arrow::float32(), "0.1"), "0.1");
  EXPECT_EQ(cell(arrow::float32(), "2"), "2.0");
  EXPECT_EQ(cell(arrow::float64(), "-0.0"), "-0.0");
  EXPECT_EQ(cell(arrow::float64(), "Inf"), "inf");
  EXPECT_EQ(cell(arrow::date32(), "19782"), "2024-02-29");
  const auto us = arrow::timestamp(arrow::TimeUnit::MICRO);
  EXPECT_EQ(cell(us, "\"2024-02-29 12:30:00\""), "2024-02-29 12:30:00");
  EXPECT_EQ(cell(us, "\"2024-02-29 12:30:00.500000\""), "2024-02-29 12:30:00.500000");
  EXPECT_EQ(cell(arrow::timestamp(arrow::TimeUnit::MILLI, "UTC"), "0"), "1970-01-01 00:00:00Z");
  EXPECT_EQ(cell(arrow::binary(), "\"a\\u0000\""), "b\"a\\0\"");
  EXPECT_EQ(cell(arrow::decimal128(5, 2), "\"1.50\""), "1.50");
  EXPECT_EQ(cell(arrow::list(arrow::int64()), "[1, 2, 3]"), "[1, 2, 3]");
  EXPECT_EQ(cell(arrow::list(arrow::int64()), "[1, 2, 3, 4]"), "[1, 2, … 4]");
  EXPECT_EQ(cell(arrow::list(arrow::int64()), "[]"), "[]");
  EXPECT_EQ(
      cell(arrow::struct_({arrow::field("a", arrow::int64()), arrow::field("b", arrow::utf8())}),
           R"({"a": 1, "b": "x"})"),
      "{1, x}");
  EXPECT_EQ(cell(arrow::dictionary(arrow::int8(), arrow::utf8()), "\"red\""), "red");
  EXPECT_EQ(cell(arrow::utf8_view(), "\"view\""), "view");
  EXPECT_EQ(cell(arrow::null(), "null"), "null");
}

TEST(CellText, TypesHavePolarsNames) {
  EXPECT_EQ(short_type_name(*arrow::uint16()), "u16");
  EXPECT_EQ(short_type_name(*arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")), "datetime[μs, UTC]");
  EXPECT_EQ(short_type_name(*arrow::duration(arrow::TimeUnit::NANO)), "duration[ns]");
  EXPECT_EQ(short_type_name(*arrow::list(arrow::utf8())), "list[str]");
  EXPECT_EQ(short_type_name(*arrow::decimal128(5, 2)), "decimal[5,2]");
  EXPECT_EQ(short_type_name(*arrow::dictionary(arrow::int8(), arrow::utf8())), "cat");
  EXPECT_EQ(short_type_name(*arrow::null()), "null");
}

}  // namespace
}  // namespace polarway
