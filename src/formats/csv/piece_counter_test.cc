#include "formats/csv/piece_counter.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "support/memory_stream.h"

namespace polarway::csv {
namespace {

using ::polarway::testing::MemoryStream;

constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();

// A file of three columns that is counted in pieces.
class Counting {
 public:
  Counting(std::string text, std::int64_t piece_bytes, int num_helpers,
           std::int64_t limit_bytes = 256 << 20)
      : size_(std::ssize(text)),
        stream_(std::move(text)),
        budget_(MemoryBudget::make(limit_bytes)),
        counter_(std::make_unique<PieceCrew>(stream_, Marks{}, 3, piece_bytes,
                                             std::make_shared<Executor>(2), num_helpers),
                 Marks{}, 3, budget_) {}

  PieceCounter& counter() { return counter_; }
  bool start(std::int64_t offset = 0) { return counter_.start(offset, size_); }
  std::int64_t bytes_read() const { return stream_.bytes_read(); }
  MemoryBudget& budget() { return *budget_; }

 private:
  std::int64_t size_;
  MemoryStream stream_;
  std::shared_ptr<MemoryBudget> budget_;
  PieceCounter counter_;
};

// Rows of which most have line ends in quotes, between which other rows seem to be.
std::string deceptive_rows(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += "1,\"a\n2,x,y\n3,x,y\n\"\"\n\",z" + std::to_string(i) + "\n";
  }
  return text;
}

TEST(PieceCounter, CountsAllRowsWhereverPiecesEnd) {
  const std::string text = deceptive_rows(500);
  for (std::int64_t piece_bytes = 130; piece_bytes < 600; piece_bytes += 7) {
    for (const int num_helpers : {0, 1, 3}) {
      Counting counting(text, piece_bytes, num_helpers);
      ASSERT_TRUE(counting.start());
      EXPECT_EQ(counting.counter().next(kAll), 500) << piece_bytes;
      EXPECT_EQ(counting.counter().offset(), std::ssize(text));
      EXPECT_EQ(counting.counter().next(kAll), 0);
      EXPECT_EQ(counting.counter().stop(), 0);
      EXPECT_EQ(counting.bytes_read(), std::ssize(text));
    }
  }
}

TEST(PieceCounter, BeginsAtAnyRow) {
  const std::string text = "head,er,line\n" + deceptive_rows(100);
  Counting counting(text, 128, 1);
  ASSERT_TRUE(counting.start(13));
  EXPECT_EQ(counting.counter().next(kAll), 100);
}

TEST(PieceCounter, CountsAsManyRowsAsAreWanted) {
  Counting counting(deceptive_rows(100), 200, 2);
  ASSERT_TRUE(counting.start());
  for (std::int64_t rows = 100, wanted = 1; rows > 0; rows -= wanted, ++wanted) {
    EXPECT_EQ(counting.counter().next(wanted), std::min(wanted, rows));
  }
}

TEST(PieceCounter, StopsBeforeWhatSomebodyElseHasToLookAt) {
  const std::string good = deceptive_rows(60);
  const std::string ragged = "1,2\n";
  const std::string unfinished = "1,2,3";
  const std::string large = "1,2," + std::string(1000, 'x') + "\n";
  for (const std::string& odd : {ragged, unfinished, large}) {
    const std::string text = good + odd + (odd == unfinished ? "" : good);
    Counting counting(text, 300, 1);
    ASSERT_TRUE(counting.start());
    EXPECT_EQ(counting.counter().next(kAll), 60) << odd;
    EXPECT_EQ(counting.counter().next(kAll), 0) << odd;
    EXPECT_EQ(counting.counter().offset(), std::ssize(good)) << odd;
    const std::int64_t behind = counting.counter().stop();
    EXPECT_EQ(counting.bytes_read(), std::ssize(good) + behind) << odd;
  }
}

TEST(PieceCounter, TakesMemoryOnlyWhereThereIsMuchOfIt) {
  Counting counting(deceptive_rows(10), 1 << 20, 1, 16 << 20);
  EXPECT_FALSE(counting.start());
  EXPECT_FALSE(counting.counter().is_started());
  EXPECT_EQ(counting.budget().reserved_bytes(), 0);
}

}  // namespace
}  // namespace polarway::csv
