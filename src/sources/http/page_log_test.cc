#include "sources/http/page_log.h"

#include <gtest/gtest.h>

namespace polarway::rest {
namespace {

PageLog::Entry entry(std::int64_t page, std::int64_t first_row, std::int64_t stream_byte) {
  return {.page = page,
          .cursor = "c" + std::to_string(page),
          .shown_url = "u",
          .first_row = first_row,
          .stream_byte = stream_byte,
          .page_byte = 100};
}

TEST(PageLog, ARowIsOfTheLastPageThatBeginsBeforeIt) {
  PageLog log(MemoryBudget::make(1 << 20));
  ASSERT_TRUE(log.begin(entry(1, 0, 1)));
  ASSERT_TRUE(log.begin(entry(2, 10, 200)));
  ASSERT_TRUE(log.begin(entry(3, 10, 200)));  // the second had none
  ASSERT_TRUE(log.begin(entry(4, 15, -1)));
  EXPECT_EQ(log.of_row(0).page, 1);
  EXPECT_EQ(log.of_row(9).page, 1);
  EXPECT_EQ(log.of_row(10).page, 3);
  EXPECT_EQ(log.of_row(99).page, 4);
  EXPECT_EQ(log.of_byte(0), nullptr);
  EXPECT_EQ(log.of_byte(199)->page, 1);
  EXPECT_EQ(log.of_byte(500)->page, 3);
  log.forget_before(12);
  EXPECT_EQ(log.of_row(0).page, 3);
}

TEST(PageLog, ManyPagesAreForgottenAsRowsAreRead) {
  const auto budget = MemoryBudget::make(1 << 20);
  PageLog log(budget);
  for (std::int64_t i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(log.begin(entry(i, i, i)));
    log.forget_before(i);
  }
  EXPECT_EQ(budget->reserved_bytes(), 0);
  Result<void> begun;
  for (std::int64_t i = 0; i < 100'000 && begun; ++i) begun = log.begin(entry(i, i, i));
  EXPECT_EQ(begun.error().kind, ErrorKind::MemoryLimit);
}

TEST(PagePosition, IsReadBackAsItWasWritten) {
  const PagePosition position{.page = 7,
                              .cursor = "a\"\\\n\x01 b",
                              .record = 3,
                              .rows = 603,
                              .request = "0123",
                              .end_page = 9};
  const PagePosition back = PagePosition::parse(position.to_text()).value();
  EXPECT_EQ(back.page, 7);
  EXPECT_EQ(back.cursor, position.cursor);
  EXPECT_EQ(back.record, 3);
  EXPECT_EQ(back.rows, 603);
  EXPECT_EQ(back.request, "0123");
  EXPECT_EQ(back.end_page, 9);
  for (const char* bad : {"", "{}", R"({"page":-1})", "[1]"}) {
    EXPECT_EQ(PagePosition::parse(bad).error().kind, ErrorKind::Config) << bad;
  }
}

}  // namespace
}  // namespace polarway::rest
