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
  bool begin(const Context& with, polarway::FileAhead::Start start, std::int64_t file = 7) {
    return ahead.begin(file, std::make_unique<SilentDecoder>(), {}, 0, std::move(start), with);
  }
  // Waits until a thread is in it.
  void begin_and_wait(const Context& with, const Result<void>& result) {
    const auto begun = std::make_shared<std::promise<void>>();
    ASSERT_TRUE(begin(with, [begun, result](StartedFile&) {
      begun->set_value();
      return result;
    }));
    begun->get_future().wait();
  }
  // Keeps threads busy until the test is over.
  void occupy(int num_threads) {
    for (int i = 0; i < num_threads; ++i) {
      const auto begun = std::make_shared<std::promise<void>>();
      ASSERT_TRUE(executor->submit([begun, ended = ended_] {
        begun->set_value();
        ended.wait();
      }));
      begun->get_future().wait();
    }
  }
  void TearDown() override { end_.set_value(); }

  std::promise<void> end_;
  std::shared_future<void> ended_ = end_.get_future().share();
  std::shared_ptr<Executor> executor;
  std::shared_ptr<MemoryBudget> budget;
  polarway::FileAhead ahead;
};

TEST_F(FileAhead, WhatAThreadHasStartedIsGivenOnceAndIsPaidForUntilThen) {
  begin_and_wait(context(), {});
  EXPECT_EQ(budget->reserved_bytes(), kWorkingSet);
  EXPECT_FALSE(ahead.take(6));
  {
    const std::optional<Result<StartedFile>> started = ahead.take(7);
    ASSERT_TRUE(started && *started);
    EXPECT_NE((*started)->decoder, nullptr);
    EXPECT_EQ(budget->reserved_bytes(), kWorkingSet);
  }
  EXPECT_EQ(budget->reserved_bytes(), 0);
  EXPECT_FALSE(ahead.take(7));
}

TEST_F(FileAhead, WhatNoThreadHasComeToIsStartedWhereItIsTaken) {
  const Context with = context();
  occupy(2);
  std::thread::id by;
  ASSERT_TRUE(begin(with, [&by](StartedFile&) -> Result<void> {
    by = std::this_thread::get_id();
    return {};
  }));
  const std::optional<Result<StartedFile>> started = ahead.take(7);
  EXPECT_TRUE(started && *started);
  EXPECT_EQ(by, std::this_thread::get_id());
}

TEST_F(FileAhead, WhoWaitsForOneStartsThoseBehindItMeanwhile) {
  const Context with = context();
  occupy(1);
  const auto begun = std::make_shared<std::promise<void>>();
  const auto eighth = std::make_shared<std::promise<void>>();
  ASSERT_TRUE(begin(with, [begun, eighth](StartedFile&) -> Result<void> {
    begun->set_value();
    eighth->get_future().wait();  // for ever, if nobody comes to it
    return {};
  }));
  ASSERT_TRUE(begin(
      with,
      [eighth](StartedFile&) -> Result<void> {
        eighth->set_value();
        return {};
      },
      8));
  begun->get_future().wait();
  EXPECT_EQ(ahead.size(), 2u);
  EXPECT_TRUE(ahead.take(7));
  EXPECT_TRUE(ahead.take(8));
  EXPECT_EQ(ahead.size(), 0u);
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

TEST_F(FileAhead, ThoseBeforeTheOneThatIsTakenAreForgotten) {
  const Context with = context();
  occupy(2);
  ASSERT_TRUE(begin(with, [](StartedFile&) -> Result<void> {
    ADD_FAILURE() << "nobody wants it any more";
    return {};
  }));
  ASSERT_TRUE(begin(with, [](StartedFile&) -> Result<void> { return {}; }, 8));
  EXPECT_EQ(budget->reserved_bytes(), 2 * kWorkingSet);
  EXPECT_TRUE(ahead.take(8));
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

TEST_F(FileAhead, WithoutRoomOrThreadsNothingIsBegun) {
  Context alone = context();
  alone.parallel = false;
  for (const Context& with : {context(2, 3 * kWorkingSet), context(1), alone}) {
    EXPECT_FALSE(begin(with, [](StartedFile&) -> Result<void> {
      ADD_FAILURE() << "begun";
      return {};
    }));
    EXPECT_EQ(with.budget->reserved_bytes(), 0);
    EXPECT_FALSE(ahead.take(7));
  }
}

TEST_F(FileAhead, AnErrorThatPassesIsForTheCallerToTryAgainAndOneThatStaysIsGiven) {
  begin_and_wait(context(), fail({.kind = ErrorKind::MemoryLimit, .message = "full"}));
  EXPECT_FALSE(ahead.take(7));
  EXPECT_EQ(budget->reserved_bytes(), 0);
  begin_and_wait(context(), fail({.kind = ErrorKind::Parse, .message = "no table"}));
  const std::optional<Result<StartedFile>> started = ahead.take(7);
  ASSERT_TRUE(started);
  EXPECT_EQ(started->error().message, "no table");
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

TEST_F(FileAhead, DropWaitsForAStartThatIsInProgress) {
  const Context with = context();
  const auto begun = std::make_shared<std::promise<void>>();
  std::atomic<bool> is_done = false;
  ASSERT_TRUE(begin(with, [begun, &is_done](StartedFile&) -> Result<void> {
    begun->set_value();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    is_done = true;
    return {};
  }));
  begun->get_future().wait();
  ahead.drop();
  EXPECT_TRUE(is_done);
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

}  // namespace
}  // namespace polarway
