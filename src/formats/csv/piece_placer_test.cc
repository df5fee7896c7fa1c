#include "formats/csv/piece_placer.h"

#include <arrow/memory_pool.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "formats/csv/csv_options.h"
#include "support/memory_stream.h"

namespace polarway::csv {
namespace {

using ::polarway::testing::MemoryStream;
using Answer = PiecePlacer::Answer;

constexpr std::int64_t kMuch = 64 << 20;

// Rows of twelve bytes: a number and a text.
std::string numbered(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(100 + i) + ",1234567\n";
  return text;
}

// Pieces of a file of two columns, and a placer for them.
class Placing {
 public:
  explicit Placing(const std::string& text, std::int64_t piece_bytes)
      : size_(std::ssize(text)),
        stream_(text),
        budget_(MemoryBudget::make(kMuch)),
        options_(parse_csv_options({}).value()) {
    piece_rules_ = {
        .marks = {}, .rows = {.num_columns = 2}, .piece_bytes = piece_bytes, .text_columns = {1}};
    const ColumnContext context{
        .marks = {}, .rules = &options_.of("x"), .pool = arrow::default_memory_pool()};
    columns_.push_back({0, make_column_builder(arrow::int64(), false, context).value()});
    columns_.push_back({1, make_column_builder(arrow::utf8(), false, context).value()});
    placer_ = std::make_unique<PiecePlacer>(columns_, ChunkBound{14, 1});
    placer_->start({});
  }

  PiecePlacer& placer() { return *placer_; }
  const ColumnBuilder& numbers() const { return *columns_[0].builder; }
  void open(std::int64_t max_rows, std::int64_t max_bytes = kMuch) {
    placer_->open({.max_rows = max_rows, .max_bytes = max_bytes, .stop = {}},
                  {.end = placer_->chunk().end});
  }
  std::unique_ptr<PieceRows> piece(std::int64_t begin, std::int64_t first_row) {
    auto rows = PieceRows::make(piece_rules_, *budget_).value();
    const std::int64_t end = std::min(begin + piece_rules_.piece_bytes, size_);
    EXPECT_TRUE(rows->read(stream_, begin, end, size_));
    rows->find(stream_, first_row, nullptr);
    return rows;
  }

 private:
  std::int64_t size_;
  MemoryStream stream_;
  std::shared_ptr<MemoryBudget> budget_;
  FileRules options_;
  PieceRules piece_rules_;
  std::vector<WantedColumn> columns_;
  std::unique_ptr<PiecePlacer> placer_;
};

TEST(PiecePlacer, RowsGoBehindThoseOfThePieceBefore) {
  Placing placing(numbered(100), 120);
  placing.open(1000);
  PiecePlacer::Part part;
  const auto first = placing.piece(0, 0);
  ASSERT_EQ(placing.placer().place(*first, 0, false, part), Answer::Rows);
  EXPECT_EQ(part.before.rows, 0);
  EXPECT_EQ(part.to, 11);  // one ends behind the piece
  EXPECT_EQ(placing.placer().next_begin(), 132);
  const auto second = placing.piece(120, 132);
  ASSERT_EQ(placing.placer().place(*second, 0, false, part), Answer::Rows);
  EXPECT_EQ(part.before.rows, 11);
  EXPECT_EQ(part.before.end.byte, 132);
  EXPECT_EQ(part.before.end.row, 11);
  EXPECT_EQ(placing.placer().chunk().rows, 21);
  EXPECT_EQ(placing.placer().chunk().end.byte, 252);
  EXPECT_FALSE(placing.placer().is_done());
}

TEST(PiecePlacer, RowsThatBeginElsewhereHaveNoPlace) {
  Placing placing(numbered(100), 120);
  placing.open(1000);
  PiecePlacer::Part part;
  EXPECT_EQ(placing.placer().place(*placing.piece(0, 12), 0, false, part), Answer::Elsewhere);
  EXPECT_EQ(placing.placer().chunk().rows, 0);
  EXPECT_FALSE(placing.placer().is_done());
}

TEST(PiecePlacer, AChunkTakesAsManyRowsAsItMayAndTheNextOneGoesOn) {
  Placing placing(numbered(100), 120);
  const auto piece = placing.piece(0, 0);
  PiecePlacer::Part part;
  placing.open(4);
  ASSERT_EQ(placing.placer().place(*piece, 0, false, part), Answer::Rows);
  EXPECT_EQ(part.to, 4);
  EXPECT_TRUE(placing.placer().is_done());
  EXPECT_FALSE(placing.placer().is_odd());
  EXPECT_EQ(placing.placer().chunk().end.byte, 48);
  EXPECT_EQ(placing.placer().chunk().end.row, 4);
  // A row is 14 bytes and its text; a chunk's builders may take more than that.
  placing.open(1000, 100);
  ASSERT_EQ(placing.placer().place(*piece, 4, false, part), Answer::Rows);
  EXPECT_EQ(part.from, 4);
  EXPECT_EQ(part.to, 6);
  EXPECT_EQ(placing.placer().chunk().end.row, 6);
}

TEST(PiecePlacer, ARowThatIsLargerThanAChunkIsForSomebodyElse) {
  Placing placing(numbered(100), 120);
  placing.open(1000, 10);
  PiecePlacer::Part part;
  EXPECT_EQ(placing.placer().place(*placing.piece(0, 0), 0, false, part), Answer::NotNow);
  EXPECT_TRUE(placing.placer().is_odd());
}

TEST(PiecePlacer, BuffersStayWhereTheyAreWhileTheyAreWritten) {
  Placing placing(numbered(5000), 12'000);
  placing.open(100'000);
  PiecePlacer::Part part;
  ASSERT_EQ(placing.placer().place(*placing.piece(0, 0), 0, false, part), Answer::Rows);
  bool has_waited = false;
  std::int64_t at = placing.placer().next_begin();
  for (std::int64_t begin = 12'000; begin < 48'000; begin += 12'000) {
    const auto piece = placing.piece(begin, at);
    if (placing.placer().place(*piece, 0, true, part) == Answer::NotNow) {
      has_waited = true;
      EXPECT_TRUE(placing.placer().wants_room());
      EXPECT_FALSE(placing.numbers().has_room(placing.placer().chunk().rows + 900, 0));
      placing.placer().written();
      ASSERT_EQ(placing.placer().place(*piece, 0, false, part), Answer::Rows);
    }
    EXPECT_FALSE(placing.placer().wants_room());
    EXPECT_TRUE(placing.numbers().has_room(placing.placer().chunk().rows, 0));
    at = placing.placer().next_begin();
  }
  EXPECT_TRUE(has_waited);
}

}  // namespace
}  // namespace polarway::csv
