#include "frame/filter_batch.h"

#include <arrow/array/concatenate.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>
#include <arrow/memory_pool.h>
#include <arrow/util/byte_size.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "frame/sample_batch.h"

namespace polarway {
namespace {

using Batch = std::shared_ptr<arrow::RecordBatch>;

BoundExpr predicate(const std::string& text, const Batch& batch) {
  return *bind_predicate(*parse_expr(text), *batch->schema());
}

Batch filtered(const Batch& batch, const std::string& text) {
  const Result<Batch> result =
      filter_batch(batch, predicate(text, batch), arrow::default_memory_pool());
  EXPECT_TRUE(result) << result.error().to_string();
  EXPECT_TRUE((*result)->ValidateFull().ok());
  return *result;
}

// A batch of every type a filter meets, `rows` long, a tenth of it null.
Batch every_type(std::int64_t rows, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto json = [&](auto value) {
    std::string text = "[";
    for (std::int64_t i = 0; i < rows; ++i) {
      text += (i > 0 ? "," : "") + (random() % 10 == 0 ? std::string("null") : value(i));
    }
    return text + "]";
  };
  const auto number = [&](std::int64_t) { return std::to_string(random() % 100); };
  const auto text = [&](std::int64_t) {
    return "\"" + std::string(random() % 30, static_cast<char>('a' + random() % 26)) + "\"";
  };
  const auto list = [&](std::int64_t) { return "[" + number(0) + "," + number(0) + "]"; };
  const auto pair = [&](std::int64_t) { return "{\"a\":" + number(0) + ",\"b\":" + text(0) + "}"; };
  return sample_batch(
      {{"keep", arrow::boolean(),
        json([&](std::int64_t) { return random() % 2 ? "true" : "false"; })},
       {"i64", arrow::int64(), json(number)},
       {"i8", arrow::int8(), json(number)},
       {"f64", arrow::float64(), json(number)},
       {"str", arrow::utf8(), json(text)},
       {"large", arrow::large_utf8(), json(text)},
       {"bin", arrow::binary(), json(text)},
       {"view", arrow::utf8_view(), json(text)},
       {"code", arrow::dictionary(arrow::int16(), arrow::utf8()), json(text)},
       {"none", arrow::null(), json([](std::int64_t) { return "null"; })},
       {"list", arrow::list(arrow::int64()), json(list)},
       {"pair",
        arrow::struct_({arrow::field("a", arrow::int64()), arrow::field("b", arrow::utf8())}),
        json(pair)}});
}

TEST(FilterBatch, KeepsTheRowsThatAreTrueAndNoOthers) {
  const Batch batch = sample_batch({{"age", arrow::int64(), "[30, 31, null, 40]"},
                                    {"name", arrow::utf8(), R"(["Ada", "Bob", "Cyd", null])"}});
  const Batch kept = filtered(batch, "age > 30");
  EXPECT_TRUE(kept->Equals(*sample_batch(
      {{"age", arrow::int64(), "[31, 40]"}, {"name", arrow::utf8(), R"(["Bob", null])"}})));
}

TEST(FilterBatch, AllRowsAreTheSameBatchAndNoRowsPinNothing) {
  const Batch batch =
      sample_batch({{"a", arrow::int64(), "[1, 2]"}, {"b", arrow::utf8(), R"(["x", "y"])"}});
  EXPECT_EQ(filtered(batch, "a > 0"), batch);
  EXPECT_EQ(filtered(batch, "true"), batch);
  const Batch none = filtered(batch, "a > 5");
  EXPECT_EQ(none->num_rows(), 0);
  EXPECT_TRUE(none->schema()->Equals(batch->schema()));
  EXPECT_LE(arrow::util::TotalBufferSize(*none), 64);
  EXPECT_EQ(filtered(batch, "null")->num_rows(), 0);
  const Batch empty = batch->Slice(0, 0);
  EXPECT_EQ(filtered(empty, "a > 5"), empty);
}

TEST(FilterBatch, EveryTypeAndEverySliceIsFilteredAsArrowFiltersIt) {
  const Batch whole = every_type(200, 3);
  for (const auto& [from, rows] : std::vector<std::pair<int, int>>{
           {0, 200}, {1, 199}, {7, 64}, {64, 1}, {13, 100}, {199, 1}, {100, 0}}) {
    const Batch batch = whole->Slice(from, rows);
    const Batch kept = filtered(batch, "keep");
    for (int i = 0; i < batch->num_columns(); ++i) {
      const std::string& name = batch->schema()->field(i)->name();
      if (name == "view") continue;  // which Arrow does not filter
      const arrow::Datum expected = *arrow::compute::Filter(batch->column(i), batch->column(0));
      EXPECT_TRUE(kept->column(i)->Equals(*expected.make_array())) << name;
    }
    const auto& views = static_cast<const arrow::StringViewArray&>(*kept->GetColumnByName("view"));
    const auto& before =
        static_cast<const arrow::StringViewArray&>(*batch->GetColumnByName("view"));
    const auto& keep = static_cast<const arrow::BooleanArray&>(*batch->column(0));
    std::int64_t next = 0;
    for (std::int64_t row = 0; row < batch->num_rows(); ++row) {
      if (keep.IsNull(row) || !keep.Value(row)) continue;
      EXPECT_EQ(views.IsNull(next), before.IsNull(row));
      if (before.IsValid(row)) {
        EXPECT_EQ(views.GetView(next), before.GetView(row));
      }
      ++next;
    }
    EXPECT_EQ(next, views.length());
  }
}

TEST(FilterBatch, TheMemoryTakenStaysWithinTheBounds) {
  const Batch small = every_type(1000, 5);
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (const auto& column : small->columns()) {
    columns.push_back(*arrow::Concatenate(arrow::ArrayVector(50, column)));
  }
  const Batch batch = arrow::RecordBatch::Make(small->schema(), 50'000, columns);
  for (const char* text :
       {"i64 < 1", "i64 < 10", "i64 < 50", "i64 < 98", "i64 is not null",
        "f64 * 2 + i64 > i8 and str > 'k'", "code = 'k' or code > 'm'", "view between 'b' and 'x'",
        "str like '%aa%'", "code like 'k_%' or view like 'b%'", "i64::string like '1_'",
        "f64::decimal(9, 1)::string::float64 > i64::int16", "large = str", "keep"}) {
    const BoundExpr where = predicate(text, batch);
    arrow::ProxyMemoryPool pool(arrow::default_memory_pool());
    const Result<KeptRows> rows = kept_rows(*batch, where, &pool);
    ASSERT_TRUE(rows);
    EXPECT_LE(pool.max_memory(), kept_rows_bytes(*batch, where)) << text;
    for (int i = 0; i < batch->num_columns(); ++i) {
      const Batch one = arrow::RecordBatch::Make(arrow::schema({batch->schema()->field(i)}),
                                                 batch->num_rows(), {batch->column(i)});
      arrow::ProxyMemoryPool keep_pool(arrow::default_memory_pool());
      const Result<Batch> kept = keep(one, *rows, &keep_pool);
      ASSERT_TRUE(kept);
      EXPECT_LE(keep_pool.max_memory(), keep_bytes(*one, *rows))
          << text << batch->schema()->field(i)->name();
    }
  }
}

TEST(SelectBatch, ColumnsAreSharedAndOthersComputed) {
  const Batch batch =
      sample_batch({{"a", arrow::int64(), "[1, null]"}, {"b", arrow::utf8(), R"(["x", "y"])"}});
  const auto exprs = *parse_exprs("b, a * 2 as twice, 'z' as letter, b as c");
  const Result<BoundSelection> selection = bind_selection(exprs, *batch->schema());
  ASSERT_TRUE(selection);
  arrow::ProxyMemoryPool pool(arrow::default_memory_pool());
  {
    const Result<Batch> got = select_batch(batch, selection->columns, selection->names, &pool);
    ASSERT_TRUE(got);
    EXPECT_TRUE((*got)->Equals(*sample_batch({{"b", arrow::utf8(), R"(["x", "y"])"},
                                              {"twice", arrow::int64(), "[2, null]"},
                                              {"letter", arrow::utf8(), R"(["z", "z"])"},
                                              {"c", arrow::utf8(), R"(["x", "y"])"}})));
    EXPECT_EQ((*got)->column(0)->data(), batch->column(1)->data()) << "shared";
    EXPECT_LE(pool.max_memory(), select_bytes(*batch, selection->columns));
  }
}

TEST(SelectBatch, NoColumnsAreStillRows) {
  const Batch batch = sample_batch({{"a", arrow::int64(), "[1, 2, 3]"}});
  const Result<Batch> got = select_batch(batch, {}, {}, arrow::default_memory_pool());
  ASSERT_TRUE(got);
  EXPECT_EQ((*got)->num_rows(), 3);
  EXPECT_EQ((*got)->num_columns(), 0);
}

}  // namespace
}  // namespace polarway
