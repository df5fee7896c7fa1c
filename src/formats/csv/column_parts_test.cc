// A column that is filled in parts, in whatever order, is the one that is filled from its start on.

#include <arrow/array.h>
#include <arrow/memory_pool.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "formats/csv/column_builder.h"
#include "formats/csv/csv_options.h"

namespace polarway::csv {
namespace {

// A table of one column, and rows of it.
class Fields {
 public:
  explicit Fields(const std::vector<std::string>& fields) : text_(64, ' ') {
    for (const std::string& field : fields) {
      text_ += field;
      ends_.push_back(static_cast<std::uint32_t>(text_.size() - 64));
      text_ += '\n';
    }
    text_.append(64, ' ');
  }
  std::int64_t size() const { return std::ssize(ends_); }
  Rows rows() const {
    return {.text = reinterpret_cast<const std::uint8_t*>(text_.data()) + 64,
            .ends = ends_.data(),
            .num_rows = size(),
            .num_columns = 1};
  }
  std::int64_t text_bytes(std::int64_t from, std::int64_t to) const {
    return rows().text_bytes(from, to);
  }

 private:
  std::string text_;
  std::vector<std::uint32_t> ends_;
};

std::unique_ptr<ColumnBuilder> make(const std::shared_ptr<arrow::DataType>& type,
                                    const FileRules& rules) {
  return make_column_builder(
             type, false,
             {.marks = {}, .rules = &rules.of("x"), .pool = arrow::default_memory_pool()})
      .value();
}

std::vector<std::string> fields_of(const std::shared_ptr<arrow::DataType>& type, bool has_nulls,
                                   std::mt19937& random) {
  std::vector<std::string> fields;
  for (int i = 0; i < 1000; ++i) {
    if (has_nulls && random() % 5 == 0) {
      fields.emplace_back();
    } else if (type->id() == arrow::Type::BOOL) {
      fields.emplace_back(random() % 2 == 0 ? "true" : "false");
    } else if (type->id() == arrow::Type::STRING && random() % 4 == 0) {
      fields.push_back("\"say \"\"" + std::to_string(random()) + "\"\"\"");
    } else {
      fields.push_back(std::to_string(random()));
    }
  }
  return fields;
}

struct Stretch {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

TEST(ColumnParts, MakeTheColumnThatOneBuilderMakes) {
  std::mt19937 random(7);
  const FileRules rules(parse_csv_options({}).value());
  for (const auto& type : {arrow::int64(), arrow::float64(), arrow::boolean(), arrow::utf8()}) {
    for (int round = 0; round < 40; ++round) {
      const Fields fields(fields_of(type, round % 2 == 0, random));
      const auto whole = make(type, rules);
      ASSERT_TRUE(whole->start(10));
      ASSERT_EQ(whole->append(fields.rows(), 0, 0, fields.size()).value(), -1);
      const auto expected = whole->finish().value();

      // Some rows as ever, parts in pairs of any order, and rows as ever behind them.
      const auto column = make(type, rules);
      const auto part = make(type, rules);
      ASSERT_TRUE(column->start(10));
      std::int64_t row = static_cast<std::int64_t>(random() % 100);
      ASSERT_EQ(column->append(fields.rows(), 0, 0, row).value(), -1);
      while (row < 800) {
        const std::int64_t middle = row + static_cast<std::int64_t>(random() % 100);
        const std::int64_t end = middle + static_cast<std::int64_t>(random() % 100);
        ASSERT_TRUE(column->make_room(end, fields.text_bytes(0, fields.size())));
        ASSERT_TRUE(column->has_room(end, fields.text_bytes(0, fields.size())));
        std::vector<Stretch> stretches = {{row, middle}, {middle, end}};
        // Text goes behind text.
        if (!column->is_text() && random() % 2 == 0) std::swap(stretches[0], stretches[1]);
        for (const auto& [from, to] : stretches) {
          column->lend(*part, from);
          ASSERT_EQ(part->append(fields.rows(), 0, from, to).value(), -1);
          ASSERT_TRUE(column->add_part(*part));
        }
        row = end;
        ASSERT_EQ(column->num_rows(), row);
      }
      if (round % 3 == 0) {  // some of it is taken back
        row -= 70;
        column->truncate(row);
      }
      ASSERT_EQ(column->append(fields.rows(), 0, row, fields.size()).value(), -1);
      const auto made = column->finish().value();
      ASSERT_TRUE(made->ValidateFull().ok()) << made->ValidateFull().ToString();
      ASSERT_TRUE(made->Equals(expected)) << type->ToString() << ' ' << round;
    }
  }
}

TEST(ColumnParts, NothingIsWrittenWhereThereIsNoRoom) {
  const FileRules rules(parse_csv_options({}).value());
  const Fields fields(std::vector<std::string>(1000, "12345678"));
  for (const auto& type : {arrow::int64(), arrow::utf8()}) {
    const auto column = make(type, rules);
    const auto part = make(type, rules);
    ASSERT_TRUE(column->start(1));
    EXPECT_FALSE(column->has_room(1000, 8000));
    column->lend(*part, 0);
    EXPECT_FALSE(part->append(fields.rows(), 0, 0, 1000));
  }
}

}  // namespace
}  // namespace polarway::csv
