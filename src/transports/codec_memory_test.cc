#include "transports/codec_memory.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

TEST(CodecMemory, IsNotThereBeforeItIsPaidFor) {
  const auto budget = MemoryBudget::make(1 << 20);
  CodecMemory memory(budget);
  EXPECT_EQ(memory.allocate(1), nullptr);
  ASSERT_TRUE(memory.pay_for(1000));
  void* piece = memory.allocate(1000);
  ASSERT_NE(piece, nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(piece) % 64, 0U);
  EXPECT_EQ(memory.allocate(100'000), nullptr);
  EXPECT_EQ(memory.allocate(SIZE_MAX), nullptr);
  memory.free(piece);
  memory.free(nullptr);
}

TEST(CodecMemory, IsRefusedByTheBudgetAndCanBeAskedForAgain) {
  const auto budget = MemoryBudget::make(1 << 20);
  CodecMemory memory(budget);
  ASSERT_TRUE(memory.pay_for(1000));
  const std::int64_t before = budget->reserved_bytes();
  EXPECT_EQ(memory.pay_for(2 << 20).error().kind, ErrorKind::MemoryLimit);
  EXPECT_EQ(budget->reserved_bytes(), before);
  budget->set_limit(4 << 20);
  EXPECT_TRUE(memory.pay_for(2 << 20));
}

TEST(CodecMemory, ThatWasGivenBackIsUsedAgain) {
  const auto budget = MemoryBudget::make(1 << 20);
  CodecMemory memory(budget);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(memory.pay_for(500'000));
    void* piece = memory.allocate(500'000);
    ASSERT_NE(piece, nullptr);
    memory.free(piece);
  }
}

}  // namespace
}  // namespace polarway
