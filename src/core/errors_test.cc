#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "polarway/error.h"

namespace polarway {
namespace {

TEST(Errors, EveryKindHasItsOwnName) {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::Other); ++kind) {
    names.insert(to_string(static_cast<ErrorKind>(kind)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorKind::Other) + 1);
  EXPECT_EQ(to_string(ErrorKind::MemoryLimit), "MemoryLimit");
}

TEST(Errors, FourKindsAreRetryable) {
  std::set<ErrorKind> retryable;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::Other); ++kind) {
    const SourceError error{.kind = static_cast<ErrorKind>(kind)};
    if (error.retryable()) retryable.insert(error.kind);
  }
  EXPECT_THAT(retryable,
              ::testing::UnorderedElementsAre(ErrorKind::Network, ErrorKind::Timeout,
                                              ErrorKind::MemoryLimit, ErrorKind::Cancelled));
}

TEST(Errors, TheTextHasThePlaceTheFactAndTheWayOut) {
  const SourceError error{
      .kind = ErrorKind::Parse,
      .where = {.location = "data.csv", .row = 12, .byte_offset = 530, .column = "age"},
      .message = "\"x\" is not an int64",
      .hint = "set bad_rows=\"skip\""};
  EXPECT_EQ(
      error.to_string(),
      "data.csv, row 12, byte 530, column age: \"x\" is not an int64 (set bad_rows=\"skip\")");
}

TEST(Errors, WhatIsNotKnownIsLeftOut) {
  EXPECT_EQ((SourceError{.message = "no"}.to_string()), "no");
  EXPECT_EQ((SourceError{.where = {.row = 3}, .message = "no"}.to_string()), "row 3: no");
  EXPECT_EQ((SourceError{.kind = ErrorKind::Cancelled}.to_string()), "Cancelled");
}

TEST(Errors, NamesThatCouldUpsetATerminalAreQuoted) {
  const SourceError error{.where = {.location = "a\nb.csv", .column = "\x1B[31m"}, .message = "no"};
  EXPECT_EQ(error.to_string(), R"("a\nb.csv", column "\x1B[31m": no)");
}

TEST(Errors, AMemoryLimitNamesTheFiguresAndTheHolders) {
  SourceError error{.kind = ErrorKind::MemoryLimit,
                    .message = "no room for the next chunk",
                    .hint = "raise the memory limit"};
  error.memory =
      MemoryShortage{.limit_bytes = 64'000'000,
                     .used_bytes = 63'500'000,
                     .needed_bytes = 2'100'000,
                     .holdings = {{"you", 63'000'000, 7}, {"reader", 500'000, 2}, {"sink", 0, 0}}};
  EXPECT_EQ(error.to_string(),
            "no room for the next chunk: limit 64.0 MB, used 63.5 MB, needed 2.1 MB; "
            "you hold 7 chunks, 63.0 MB; reader holds 500.0 KB (raise the memory limit)");
  error.memory->holdings = {{"you", 63'000'000, 1}};
  EXPECT_THAT(error.to_string(), ::testing::HasSubstr("you hold 1 chunk, 63.0 MB"));
}

}  // namespace
}  // namespace polarway
