#include "formats/row_rejects.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

std::unique_ptr<Reject> reject(const std::string& message) {
  auto made = std::make_unique<Reject>();
  made->where.row = 7;
  made->message = message;
  return made;
}

TEST(RowRejects, AreToldToTheChannelWhereSomebodyWantsToKnow) {
  const auto channel = std::make_shared<RejectChannel>(nullptr);
  RowRejects kept(channel, true, std::nullopt);
  kept.add(reject("bad"));
  kept.add(nullptr);  // there was no room for what it was
  RowRejects counted(channel, false, std::nullopt);
  counted.add(reject("bad, too"));
  EXPECT_EQ(channel->count(), 3);
  const std::vector<Reject> taken = channel->take();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].message, "bad");
}

TEST(RowRejects, HaveRoomForMaxRowsOfAllThatTheChannelHasHeardOf) {
  const auto channel = std::make_shared<RejectChannel>(nullptr);
  channel->count_one();  // of another file
  RowRejects rejects(channel, true, 2);
  EXPECT_TRUE(rejects.has_room());
  rejects.add(reject("bad"));
  EXPECT_FALSE(rejects.has_room());
  EXPECT_TRUE(RowRejects(channel, true, std::nullopt).has_room());
}

TEST(RowRejects, AreCountedWithoutAChannelToo) {
  RowRejects rejects(nullptr, true, 1);
  EXPECT_TRUE(rejects.has_room());
  rejects.add(nullptr);
  EXPECT_FALSE(rejects.has_room());
}

TEST(RowRejects, TheErrorNamesTheLimitAndTheRowThereIsNoRoomFor) {
  const RowRejects rejects(nullptr, true, 0);
  const auto row = reject("it is bad");
  const SourceError error = rejects.too_many(row.get());
  EXPECT_EQ(error.kind, ErrorKind::Parse);
  EXPECT_EQ(error.where.row, 7);
  EXPECT_EQ(error.message, "one row more than max_rejects=0 would be left out: it is bad");
  EXPECT_EQ(rejects.too_many(nullptr).message, "one row more than max_rejects=0 would be left out");
}

}  // namespace
}  // namespace polarway
