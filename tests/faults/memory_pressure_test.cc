// What a stream does when the kernel says that tasks stand still for memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "core/memory_governor.h"
#include "polarway/stream.h"
#include "support/recorded_root.h"
#include "support/toy_reader.h"

namespace polarway {
namespace {

using ::polarway::testing::RecordedRoot;
using ::polarway::testing::Toy;
using ::polarway::testing::ToyReader;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST(MemoryPressure, PausesReadingAheadUntilItIsOver) {
  RecordedRoot machine;
  std::int64_t stalled_us = 0;
  const auto stall = [&](std::int64_t more_us) {
    stalled_us += more_us;
    machine.write("proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=" +
                                              std::to_string(stalled_us) + "\n");
  };
  stall(1000);
  MemoryGovernor governor(machine.probe());
  const auto budget = MemoryBudget::make(64'000'000, MemoryScope::Accounted, governor);
  auto source = AdaptiveStreamBuilder("toy", []() -> Result<std::unique_ptr<SourceReader>> {
                  return std::make_unique<ToyReader>(Toy{.rows = 100'000'000});
                }).open(SourceConfig("toy").with_budget(budget).with_chunk_size(100));
  ASSERT_TRUE(source) << source.error().to_string();
  std::vector<Decision> decisions;
  source->on_decision([&](const Decision& decision) { decisions.push_back(decision); });
  const auto last_rule = [&] { return decisions.empty() ? "" : decisions.back().rule; };

  ASSERT_TRUE(source->read_chunk());
  EXPECT_NE(last_rule(), "pause");
  // On a machine that is busy otherwise, what was measured may be old before a chunk is read.
  const auto read_until = [&](const char* rule, std::int64_t stalled_between_us) {
    for (int attempt = 0; attempt < 50 && last_rule() != rule; ++attempt) {
      stall(stalled_between_us);
      std::this_thread::sleep_for(100ms);  // half of what the share is smoothed over
      governor.sample();
      ASSERT_TRUE(source->read_chunk());
    }
    EXPECT_EQ(last_rule(), rule);
  };
  read_until("pause", 3'600'000'000);
  EXPECT_THAT(decisions.back().sentence, HasSubstr("stood still for memory"));
  read_until("resume", 0);
}

}  // namespace
}  // namespace polarway
