#include "core/floor_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace polarway {
namespace {

using ::testing::HasSubstr;

TEST(FloorError, NamesWhatIsUsedAndNeededRoundedUp) {
  const auto budget = MemoryBudget::make(1'000'000);
  const MemoryLease lease = *budget->reserve(800'001, LeaseHolder::Sink);
  auto refused = budget->reserve(500'000, LeaseHolder::Reader);
  ASSERT_FALSE(refused);
  const SourceError error =
      floor_error(*budget, 500'000, "this source", "a.csv", std::move(refused.error()));
  EXPECT_EQ(error.kind, ErrorKind::MemoryLimit);
  EXPECT_EQ(error.where.location, "a.csv");
  EXPECT_EQ(error.hint, "set it to at least 1.4 MB");
  EXPECT_THAT(error.to_string(), HasSubstr("below the floor of this source"));
  EXPECT_THAT(error.to_string(), HasSubstr("the sink holds 800.0 KB"));
}

TEST(FloorError, LeavesAProgramRoomToWarmUp) {
  EXPECT_EQ(warm_up_bytes(*MemoryBudget::make(1'000'000)), 0);
  EXPECT_GT(warm_up_bytes(*MemoryBudget::make(1'000'000, MemoryScope::Process)), 1 << 20);
}

}  // namespace
}  // namespace polarway
