#include "sources/file_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "polarway/executor.h"

namespace polarway {
namespace {

constexpr std::int64_t kWorkingSet = 1 << 20;

// Of which nothing is asked but how much it takes.
class SilentDecoder final : public Decoder {
 public:
  std::int64_t working_set_bytes(const ScanRequest&) const override { return kWorkingSet; }
  Result<Schema> start(std::unique_ptr<ByteStream>, const Schema&, const Context&) override {
    return Schema();
  }
  Result<ScanPlan> open(const ScanRequest&) override { return ScanPlan{}; }
  Result<std::optional<Batch>> read(const ChunkTarget&) override { return std::nullopt; }
  Result<std::vector<Split>> splits(int) override { return std::vector<Split>{}; }
  std::int64_t next_row() const override { return 0; }
  std::int64_t bytes_read() const override { return 0; }
};

class FileAhead : public ::testing::Test {
 protected:
  Context context(int num_threads = 2, std::int64_t limit_bytes = 64 << 20) {
    executor = std::make_shared<Executor>(num_threads);
    budget = MemoryBudget::make(limit_bytes);
    return {.budget = budget, .executor = executor, .rejects = {}, .stop = {}, .parallel = true};
  }
  void begin(const Context& with, polarway::FileAhead::Start start) {
    ahead.begin(7, std::make_unique<SilentDecoder>(), {}, std::move(start), with);
  }
  // Waits until a thread is in it.
  void begin_and_wait(const Context& with, const Result<Schema>& columns) {
    const auto begun = std::make_shared<std::promise<void>>();
    begin(with, [begun, columns](Decoder&) {
      begun->set_value();
      return columns;
    });
    begun->get_future().wait();
  }

  std::shared_ptr<Executor> executor;
  std::shared_ptr<MemoryBudget> budget;
  polarway::FileAhead ahead;
};

TEST_F(FileAhead, WhatAThreadHasStartedIsGivenOnceAndIsPaidForUntilThen) {
  begin_and_wait(context(), Schema());
  EXPECT_EQ(budget->reserved_bytes(), kWorkingSet);
  EXPECT_FALSE(ahead.take(6));
  {
    const std::optional<StartedFile> started = ahead.take(7);
    ASSERT_TRUE(started);
    EXPECT_NE(started->decoder, nullptr);
    EXPECT_TRUE(started->columns);
    EXPECT_EQ(budget->reserved_bytes(), kWorkingSet);
  }
  EXPECT_EQ(budget->reserved_bytes(), 0);
  EXPECT_FALSE(ahead.take(7));
}

TEST_F(FileAhead, WhatNoThreadHasComeToIsLeftToTheCaller) {
  const Context with = context();
  std::promise<void> end;
  const std::shared_future<void> ended = end.get_future().share();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(executor->submit([ended] { ended.wait(); }));
  begin(with, [](Decoder&) -> Result<Schema> {
    ADD_FAILURE() << "nobody wants it any more";
    return Schema();
  });
  EXPECT_EQ(budget->reserved_bytes(), kWorkingSet);
  EXPECT_FALSE(ahead.take(7));
  EXPECT_EQ(budget->reserved_bytes(), 0);
  end.set_value();
}

TEST_F(FileAhead, WithoutRoomOrThreadsNothingIsBegun) {
  Context alone = context();
  alone.parallel = false;
  for (const Context& with : {context(2, 3 * kWorkingSet), context(1), alone}) {
    begin(with, [](Decoder&) -> Result<Schema> {
      ADD_FAILURE() << "begun";
      return Schema();
    });
    EXPECT_EQ(with.budget->reserved_bytes(), 0);
    EXPECT_FALSE(ahead.take(7));
  }
}

TEST_F(FileAhead, AnErrorThatPassesIsForTheCallerToTryAgainAndOneThatStaysIsGiven) {
  begin_and_wait(context(), fail({.kind = ErrorKind::MemoryLimit, .message = "full"}));
  EXPECT_FALSE(ahead.take(7));
  EXPECT_EQ(budget->reserved_bytes(), 0);
  begin_and_wait(context(), fail({.kind = ErrorKind::Parse, .message = "no table"}));
  const std::optional<StartedFile> started = ahead.take(7);
  ASSERT_TRUE(started);
  EXPECT_EQ(started->columns.error().message, "no table");
}

TEST_F(FileAhead, DropWaitsForAStartThatIsInProgress) {
  const Context with = context();
  const auto begun = std::make_shared<std::promise<void>>();
  std::atomic<bool> is_done = false;
  begin(with, [begun, &is_done](Decoder&) -> Result<Schema> {
    begun->set_value();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    is_done = true;
    return Schema();
  });
  begun->get_future().wait();
  ahead.drop();
  EXPECT_TRUE(is_done);
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

}  // namespace
}  // namespace polarway
