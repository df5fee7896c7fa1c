#include "formats/csv/column_builder.h"

#include <arrow/array.h>
#include <arrow/memory_pool.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace polarway::csv {
namespace {

constexpr std::size_t kPadding = 64;

// One column of a table of one column, or the middle one of three.
class OneColumn {
 public:
  explicit OneColumn(const std::vector<std::string>& fields, bool alone = false)
      : num_columns_(alone ? 1 : 3), text_(kPadding, '7') {
    for (const std::string& field : fields) {
      if (!alone) end_field("x", ',');
      end_field(field, alone ? '\n' : ',');
      if (!alone) end_field("y", '\n');
    }
    text_.append(kPadding, '7');
    num_rows_ = static_cast<std::int64_t>(fields.size());
  }

  std::int64_t column() const { return num_columns_ / 2; }
  Rows rows() const {
    return {.text = reinterpret_cast<const std::uint8_t*>(text_.data()) + kPadding,
            .ends = ends_.data(),
            .begins = nullptr,
            .num_rows = num_rows_,
            .num_columns = num_columns_};
  }

 private:
  void end_field(const std::string& field, char end) {
    text_ += field;
    ends_.push_back(static_cast<std::uint32_t>(text_.size() - kPadding));
    text_ += end;
  }

  std::int64_t num_columns_;
  std::int64_t num_rows_ = 0;
  std::string text_;
  std::vector<std::uint32_t> ends_;
};

struct Settings {
  bool inferred = false;
  std::vector<std::string> nulls = {};
};

class Builder {
 public:
  explicit Builder(const std::shared_ptr<arrow::DataType>& type, const Settings& settings = {})
      : nulls_(settings.nulls) {
    ColumnContext context;
    context.nulls = &nulls_;
    context.pool = arrow::default_memory_pool();
    builder_ = make_column_builder(type, settings.inferred, context).value();
    EXPECT_TRUE(builder_->start(1));
  }

  // The first field that does not fit, or -1.
  std::int64_t append(const OneColumn& column, std::int64_t from, std::int64_t to) {
    return builder_->append(column.rows(), column.column(), from, to).value();
  }
  std::int64_t append(const OneColumn& column) { return append(column, 0, column.rows().num_rows); }
  void truncate(std::int64_t rows) { builder_->truncate(rows); }
  std::string finish() {
    array_ = builder_->finish().value();
    EXPECT_TRUE(array_->ValidateFull().ok()) << array_->ValidateFull().ToString();
    std::string text;
    for (std::int64_t i = 0; i < array_->length(); ++i) {
      text += (i > 0 ? "|" : "") + array_->GetScalar(i).ValueOrDie()->ToString();
    }
    return text;
  }
  const arrow::Array& array() const { return *array_; }

 private:
  NullValues nulls_;
  std::unique_ptr<ColumnBuilder> builder_;
  std::shared_ptr<arrow::Array> array_;
};

// The values, or which field does not fit.
std::string read(const std::shared_ptr<arrow::DataType>& type,
                 const std::vector<std::string>& fields, const Settings& settings = {}) {
  Builder builder(type, settings);
  const std::int64_t bad = builder.append(OneColumn(fields));
  return bad < 0 ? builder.finish() : "misfit " + std::to_string(bad);
}

TEST(ColumnBuilder, ThereIsNoBitmapWhileThereIsNoNull) {
  for (const auto& type : {arrow::int64(), arrow::utf8(), arrow::boolean()}) {
    const std::string value = type->id() == arrow::Type::BOOL ? "true" : "1";
    Builder builder(type);
    EXPECT_EQ(builder.append(OneColumn(std::vector<std::string>(1000, value))), -1);
    builder.finish();
    EXPECT_EQ(builder.array().data()->buffers[0], nullptr);
    EXPECT_EQ(builder.array().null_count(), 0);
  }
}

TEST(ColumnBuilder, NullsAreWhereTheyWereHoweverTheRowsCome) {
  for (const auto& type : {arrow::int64(), arrow::utf8(), arrow::boolean()}) {
    const std::string value = type->id() == arrow::Type::BOOL ? "true" : "1";
    std::vector<std::string> fields;
    std::string expected;
    for (int i = 0; i < 900; ++i) {
      const bool null = i == 300 || i == 701 || (i > 800 && i % 3 == 0);
      fields.push_back(null ? "" : value);
      expected += (i > 0 ? "|" : "") + (null ? "null" : value);
    }
    const OneColumn column(fields);
    for (const std::int64_t step : {1, 7, 64, 255, 256, 257, 900}) {
      Builder builder(type);
      for (std::int64_t from = 0; from < 900; from += step) {
        ASSERT_EQ(builder.append(column, from, std::min<std::int64_t>(from + step, 900)), -1);
      }
      EXPECT_EQ(builder.finish(), expected) << type->ToString() << " by " << step;
    }
  }
}

TEST(ColumnBuilder, WhatIsTakenBackLeavesNoTrace) {
  for (const auto& type : {arrow::int64(), arrow::utf8(), arrow::boolean()}) {
    const std::string value = type->id() == arrow::Type::BOOL ? "false" : "7";
    std::vector<std::string> some_nulls;
    for (int i = 0; i < 600; ++i) some_nulls.push_back(i % 5 == 0 ? "" : value);
    for (const std::int64_t kept : {0, 1, 5, 63, 64, 300, 600}) {
      Builder builder(type);
      builder.append(OneColumn(some_nulls));
      builder.truncate(kept);
      builder.append(OneColumn(std::vector<std::string>(600, value)));
      std::string expected;
      for (std::int64_t i = 0; i < kept + 600; ++i) {
        expected += (i > 0 ? "|" : "") + (i < kept && i % 5 == 0 ? "null" : value);
      }
      EXPECT_EQ(builder.finish(), expected) << type->ToString() << " kept " << kept;
    }
  }
}

TEST(ColumnBuilder, TheFirstMisfitIsNamedAndTheRowsBeforeItAreThere) {
  std::vector<std::string> fields(700, "12");
  fields[500] = "x";
  fields[600] = "y";
  Builder builder(arrow::int64());
  const OneColumn column(fields);
  EXPECT_EQ(builder.append(column, 100, 700), 500);
  builder.truncate(400);
  builder.finish();
  EXPECT_EQ(builder.array().length(), 400);
  EXPECT_EQ(builder.array().null_count(), 0);
}

TEST(ColumnBuilder, BuildersAreUsedAgain) {
  for (const auto& type : {arrow::int64(), arrow::utf8()}) {
    NullValues nulls({});
    ColumnContext context;
    context.nulls = &nulls;
    context.pool = arrow::default_memory_pool();
    const auto builder = make_column_builder(type, false, context).value();
    for (const char* last : {"", "5", ""}) {
      const OneColumn column({"1", last});
      ASSERT_TRUE(builder->start(2));
      ASSERT_EQ(builder->append(column.rows(), column.column(), 0, 2).value(), -1);
      const auto array = builder->finish().value();
      EXPECT_EQ(array->length(), 2);
      EXPECT_EQ(array->null_count(), *last == 0 ? 1 : 0);
    }
  }
}

TEST(ColumnBuilder, FirstAndLastColumnsHaveTheirEdges) {
  Builder alone(arrow::int64());
  EXPECT_EQ(alone.append(OneColumn({"1", "22\r", "", "\r", "3"}, /*alone=*/true)), -1);
  EXPECT_EQ(alone.finish(), "1|22|null|null|3");
}

TEST(ColumnBuilder, NullTextsWinOverValues) {
  EXPECT_EQ(read(arrow::int64(), {"1", "-999", "\"-999\"", "NA"}, {.nulls = {"-999", "NA"}}),
            "1|null|null|null");
  EXPECT_EQ(read(arrow::int64(), {"1", "NA", "2"}, {.nulls = {"NA"}}), "1|null|2");
  EXPECT_EQ(read(arrow::boolean(), {"false", "true"}, {.nulls = {"false"}}), "null|true");
  EXPECT_EQ(read(arrow::utf8(), {"a", "NA", "\"NA\"", "NAN"}, {.nulls = {"NA"}}),
            "a|null|null|NAN");
}

TEST(ColumnBuilder, BlanksAndQuotesAroundNumbersAreNoPartOfThem) {
  EXPECT_EQ(read(arrow::int64(), {" 1", "2\t", "\"3\"", "\" 4 \"", "+5", "\"\""}),
            "1|2|3|4|5|null");
  EXPECT_EQ(read(arrow::float64(), {" 1.5", "\"2.5\"", "1e3"}), "1.5|2.5|1000");
  EXPECT_EQ(read(arrow::date32(), {"\"2024-02-29\"", " 2024-03-01"}), "2024-02-29|2024-03-01");
  for (const char* text : {" ", "\" \"", "\"1\"2", "1 2", "\"1"}) {
    EXPECT_EQ(read(arrow::int64(), {"0", text}), "misfit 1") << text;
  }
}

TEST(ColumnBuilder, LeadingZerosAreAMisfitOnlyOfAGuess) {
  EXPECT_EQ(read(arrow::int64(), {"0", "007"}, {.inferred = true}), "misfit 1");
  EXPECT_EQ(read(arrow::int64(), {"0", "007"}), "0|7");
  EXPECT_EQ(read(arrow::float64(), {"0.5", "00.5"}, {.inferred = true}), "misfit 1");
  EXPECT_EQ(read(arrow::float64(), {"0.5", "00.5"}), "0.5|0.5");
}

TEST(ColumnBuilder, QuotedTextOfEveryLengthIsUnquoted) {
  for (std::size_t size = 0; size < 100; ++size) {
    for (std::size_t at = 0; at <= size; at += 3) {
      const std::string text = std::string(size, 'a').insert(at, "\"").insert(size / 2, "\"");
      std::string quoted = "\"";
      for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
      quoted += '"';
      ASSERT_EQ(read(arrow::utf8(), {quoted, "next"}), text + "|next");
      // One quote alone inside is not how quotes are written.
      quoted.insert(quoted.find('a') == std::string::npos ? 1 : quoted.find('a'), "\"");
      ASSERT_EQ(read(arrow::utf8(), {"x", quoted}), "misfit 1") << quoted;
    }
  }
}

}  // namespace
}  // namespace polarway::csv
