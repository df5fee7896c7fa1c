#include "formats/csv/piece_rows.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "support/memory_stream.h"

namespace polarway::csv {
namespace {

using ::polarway::testing::MemoryStream;

PieceRules rules_of(std::int64_t piece_bytes) {
  return {
      .marks = {}, .rows = {.num_columns = 2}, .piece_bytes = piece_bytes, .checks_encoding = true};
}

// A piece of a file of two columns.
class Piece {
 public:
  Piece(std::string text, std::int64_t begin, std::int64_t end)
      : size_(std::ssize(text)),
        rules_(rules_of(end - begin)),
        stream_(std::move(text)),
        budget_(MemoryBudget::make(16 << 20)),
        rows_(PieceRows::make(rules_, *budget_).value()) {
    EXPECT_TRUE(rows_->read(stream_, begin, end, size_));
  }
  PieceRows& guess() {
    rows_->guess(stream_, nullptr);
    return *rows_;
  }
  PieceRows& find(std::int64_t begin) {
    rows_->find(stream_, begin, nullptr);
    return *rows_;
  }

 private:
  std::int64_t size_;
  PieceRules rules_;
  MemoryStream stream_;
  std::shared_ptr<MemoryBudget> budget_;
  std::unique_ptr<PieceRows> rows_;
};

std::vector<std::string> first_fields(const PieceRows& piece) {
  std::vector<std::string> fields;
  for (std::int64_t row = 0; row < piece.rows().num_rows; ++row) {
    fields.emplace_back(piece.rows().field(row, 0));
  }
  return fields;
}

using Texts = std::vector<std::string>;

std::string numbered(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(100 + i) + ",x\n";  // 6 bytes each
  return text;
}

TEST(PieceRows, AreThoseThatBeginBehindTheFirstLineEndUpToTheFirstBehindThePiece) {
  const std::string text = numbered(100);
  for (std::int64_t begin = 60; begin < 66; ++begin) {
    Piece piece(text, begin, begin + 60);
    const PieceRows& rows = piece.guess();
    ASSERT_FALSE(rows.is_odd());
    EXPECT_EQ(rows.begin(), 66) << begin;
    EXPECT_EQ(rows.end(), 126) << begin;
    EXPECT_EQ(rows.num_found(), 10);
    EXPECT_EQ(first_fields(rows).front(), "111");
    EXPECT_EQ(rows.end_of(0), 72);
    EXPECT_EQ(rows.last_row_end(), 126);
    EXPECT_FALSE(rows.has_more());
  }
}

TEST(PieceRows, OfOnePieceEndWhereThoseOfTheNextBegin) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text += std::to_string(i) + ",\"" + std::string(static_cast<std::size_t>(i % 7), ',') + "\"\n";
    if (i % 5 == 0) text += "\n";
  }
  for (std::int64_t size = 64; size < 200; size += 3) {
    std::int64_t at = 0;
    std::int64_t found = 0;
    for (std::int64_t begin = 0; begin < std::ssize(text); begin += size) {
      Piece piece(text, begin, std::min(begin + size, std::ssize(text)));
      if (begin > 0 && at == std::ssize(text)) break;
      bool is_first = begin > 0;
      for (bool more = true; more; is_first = false) {
        const PieceRows& rows = is_first ? piece.guess() : piece.find(at);
        ASSERT_FALSE(rows.is_odd()) << size << ' ' << begin;
        ASSERT_EQ(rows.begin(), at) << size << ' ' << begin;
        at = rows.end();
        found += rows.num_found();
        more = rows.has_more();
      }
    }
    EXPECT_EQ(at, std::ssize(text)) << size;
    EXPECT_EQ(found, 300) << size;
  }
}

TEST(PieceRows, ALineEndInQuotesIsFoundOutWhereItsRowIsNoneOfTheTable) {
  const std::string text = "1,\"a\nb\n,,\nc\"\n2,x\n3,x\n4,x\n5,x\n6,x\n7,x\n";
  Piece piece(text, 3, 25);
  const PieceRows& rows = piece.guess();
  ASSERT_FALSE(rows.is_odd());
  EXPECT_EQ(first_fields(rows), (Texts{"2", "3", "4", "5"}));
}

TEST(PieceRows, AreFoundAgainFromWhereARowBegins) {
  Piece piece("1,\"a\n2,b\n3,b\n4,b\n\"\n5,x\n6,x\n7,x\n8,x\n", 3, 12);
  EXPECT_EQ(first_fields(piece.guess()), (Texts{"2", "3"}));  // in quotes
  const PieceRows& rows = piece.find(9);
  EXPECT_EQ(rows.begin(), 9);
  EXPECT_EQ(first_fields(rows), (Texts{"3"}));
}

TEST(PieceRows, WhatIsNotSimpleIsOdd) {
  const std::string good = numbered(10);
  for (const std::string& odd :
       {std::string("1\n"), std::string("1,2,3\n"), std::string("1,\xFF\n"),
        "1," + std::string(200, 'x') + "\n", std::string("1,\"never closed\n")}) {
    Piece piece(good + odd + good, 0, 100);
    EXPECT_TRUE(piece.find(0).is_odd()) << odd;
  }
  Piece unfinished(good + "1,x", 0, 63);
  EXPECT_TRUE(unfinished.find(0).is_odd());
}

TEST(PieceRows, MoreThanThereIsRoomForAreFoundAgain) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += ",\n";
  Piece piece(text, 0, std::ssize(text));
  std::int64_t found = 0;
  std::int64_t at = 0;
  int rounds = 0;
  for (bool more = true; more; ++rounds) {
    const PieceRows& rows = piece.find(at);
    ASSERT_FALSE(rows.is_odd());
    ASSERT_GT(rows.num_found(), 0);
    found += rows.num_found();
    at = rows.end();
    more = rows.has_more();
  }
  EXPECT_EQ(found, 1000);
  EXPECT_GT(rounds, 1);
}

TEST(PieceRows, AreCountedUpToAPlace) {
  Piece piece(numbered(50), 0, 200);
  const PieceRows& rows = piece.find(0);
  EXPECT_EQ(rows.count_up_to(60), 10);
  EXPECT_EQ(rows.count_up_to(61), -1);
}

TEST(PieceRows, SayHowMuchTextAColumnGetsAtMost) {
  PieceRules rules = rules_of(20);
  rules.text_columns = {0, 1};
  MemoryStream stream("abc,de\n,\"fg\"\n1,2\n");
  const auto budget = MemoryBudget::make(16 << 20);
  const auto piece = PieceRows::make(rules, *budget).value();
  ASSERT_TRUE(piece->read(stream, 0, 17, 17));
  piece->find(stream, 0, nullptr);
  EXPECT_EQ(piece->column_bytes(), (std::vector<std::int64_t>{4, 7}));
  EXPECT_EQ(piece->column_bytes(1, 3), (std::vector<std::int64_t>{1, 5}));
}

}  // namespace
}  // namespace polarway::csv
