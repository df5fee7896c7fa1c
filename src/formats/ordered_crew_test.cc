#include "formats/ordered_crew.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace polarway {
namespace {

struct Number {
  int value = 0;
  int square = -1;
};

std::vector<Number> pieces(std::size_t count) { return std::vector<Number>(count); }

TEST(OrderedCrew, PiecesComeBackInOrderWhoeverWorksOnThem) {
  for (const int num_helpers : {0, 1, 3}) {
    std::atomic<int> num_worked = 0;
    OrderedCrew<Number> crew(
        pieces(6),
        [&](Number& piece) {
          // Some take longer than those behind them.
          if (piece.value % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
          piece.square = piece.value * piece.value;
          ++num_worked;
        },
        std::make_shared<Executor>(4), num_helpers);
    int next = 0;
    for (int expected = 0; expected < 500; ++expected) {
      while (next < 500 && !crew.is_full()) {
        crew.free_piece() = {.value = next++};
        crew.push();
      }
      ASSERT_EQ(crew.front().value, expected);
      EXPECT_EQ(crew.front().square, expected * expected);
      crew.pop();
    }
    EXPECT_TRUE(crew.is_empty());
    EXPECT_EQ(num_worked, 500);
  }
}

TEST(OrderedCrew, TheOwnerWorksAloneWhereNoHelperComes) {
  const std::thread::id self = std::this_thread::get_id();
  std::atomic<bool> goes_on = false;  // before the executor, whose end waits for its thread
  auto executor = std::make_shared<Executor>(1);
  executor->submit([&] {
    while (!goes_on) std::this_thread::yield();
  });
  OrderedCrew<Number> crew(
      pieces(2), [&](Number& piece) { piece.square = std::this_thread::get_id() == self ? 1 : 0; },
      executor, 1);
  crew.push();
  crew.push();
  EXPECT_TRUE(crew.is_full());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(crew.front().square, 1);
    crew.pop();
  }
  goes_on = true;
}

TEST(OrderedCrew, WhatHasNotBegunIsDroppedAndWhatHasIsWaitedFor) {
  std::atomic<int> num_begun = 0;
  std::atomic<int> num_ended = 0;
  auto executor = std::make_shared<Executor>(2);
  for (int i = 0; i < 50; ++i) {
    OrderedCrew<Number> crew(
        pieces(8),
        [&](Number&) {
          ++num_begun;
          std::this_thread::sleep_for(std::chrono::microseconds(100));
          ++num_ended;
        },
        executor, 2);
    for (int j = 0; j < 8; ++j) crew.push();
    if (i % 2 == 0) crew.front();
  }
  EXPECT_EQ(num_begun, num_ended);
}

}  // namespace
}  // namespace polarway
