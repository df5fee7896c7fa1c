#include "formats/csv/run_crew.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <new>
#include <set>
#include <thread>

namespace polarway::csv {
namespace {

using Taken = Result<std::optional<RunCrew::Misfit>>;

Run run_of(std::int64_t from, std::int64_t to) { return {.rows = {}, .from = from, .to = to}; }

// Whatever is pushed, lanes see it once and in order, whoever works.
void expect_all_in_order(int num_helpers, std::shared_ptr<Executor> executor) {
  constexpr std::size_t kLanes = 5;
  constexpr std::int64_t kRuns = 300;
  std::vector<std::vector<std::int64_t>> seen(kLanes);
  std::vector<RunCrew::Lane> lanes;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    // Not locked: one thread at a time is what is promised.
    lanes.emplace_back([&seen, lane](const csv::Run& run) -> Taken {
      seen[lane].push_back(run.from);
      return std::nullopt;
    });
  }
  RunCrew crew(std::move(lanes), std::move(executor), num_helpers);
  for (int chunk = 0; chunk < 3; ++chunk) {
    crew.start(true);
    for (auto& lane : seen) lane.clear();
    for (std::int64_t i = 0; i < kRuns; ++i) {
      crew.push(run_of(i, i + 1));
      if (i % 3 == 0) crew.help();
    }
    crew.finish();
    EXPECT_EQ(crew.num_done(), static_cast<std::size_t>(kRuns));
    EXPECT_FALSE(crew.stop());
    for (const auto& lane : seen) {
      ASSERT_EQ(lane.size(), static_cast<std::size_t>(kRuns));
      for (std::int64_t i = 0; i < kRuns; ++i) EXPECT_EQ(lane[static_cast<std::size_t>(i)], i);
    }
  }
}

TEST(RunCrew, EveryLaneTakesAllRunsInOrder) {
  expect_all_in_order(0, nullptr);
  expect_all_in_order(1, std::make_shared<Executor>(1));
  expect_all_in_order(7, std::make_shared<Executor>(4));
}

TEST(RunCrew, LanesSeeWhatTheSieveHasLeft) {
  for (const int num_helpers : {0, 3}) {
    std::vector<std::vector<std::int64_t>> seen(2);
    std::vector<RunCrew::Lane> lanes;
    for (auto& rows : seen) {
      lanes.emplace_back([&rows](const csv::Run& run) -> Taken {
        for (std::int64_t row = run.from; row < run.to; ++row) rows.push_back(row);
        return std::nullopt;
      });
    }
    RunCrew crew(std::move(lanes), std::make_shared<Executor>(3), num_helpers,
                 [](csv::Run& run) -> Taken {
                   run.to = run.from + (run.from % 3 == 0 ? 1 : 0);
                   return std::nullopt;
                 });
    for (int chunk = 0; chunk < 3; ++chunk) {
      crew.start(true);
      for (auto& rows : seen) rows.clear();
      for (std::int64_t i = 0; i < 100; ++i) crew.push(run_of(10 * i, 10 * i + 10));
      crew.finish();
      EXPECT_EQ(crew.num_done(), 100u);
      for (const auto& rows : seen) {
        ASSERT_EQ(rows.size(), 34u);
        for (std::size_t i = 0; i < rows.size(); ++i) {
          EXPECT_EQ(rows[i], static_cast<std::int64_t>(30 * i));
        }
      }
      EXPECT_EQ(crew.run(4).to, 40);
    }
  }
}

TEST(RunCrew, AtTheSameRunALaneStopsBeforeTheSieve) {
  const auto sieve = [](csv::Run& run) -> Taken {
    if (run.from != 20) return std::nullopt;
    run.to = 25;
    return RunCrew::Misfit{.row = 25, .column = 7};
  };
  for (const bool lane_stops : {false, true}) {
    RunCrew crew({[&](const csv::Run& run) -> Taken {
                   if (!lane_stops || run.from != 20) return std::nullopt;
                   return RunCrew::Misfit{.row = 23, .column = 1};
                 }},
                 nullptr, 0, sieve);
    crew.start(true);
    for (std::int64_t i = 0; i < 5; ++i) crew.push(run_of(10 * i, 10 * i + 10));
    crew.finish();
    ASSERT_TRUE(crew.stop());
    EXPECT_EQ(crew.stop()->run, 2u);
    EXPECT_EQ(crew.stop()->by_sieve, !lane_stops);
    EXPECT_EQ(crew.stop()->misfit.row, lane_stops ? 23 : 25);
    EXPECT_EQ(crew.num_done(), 2u);
  }
}

TEST(RunCrew, HelpersDoTheWorkOfAnOwnerWhoOnlyWaits) {
  std::atomic<int> taken = 0;
  std::vector<RunCrew::Lane> lanes(3, [&taken](const csv::Run&) -> Taken {
    ++taken;
    return std::nullopt;
  });
  RunCrew crew(lanes, std::make_shared<Executor>(2), 2);
  crew.start(true);
  for (int i = 0; i < 10; ++i) crew.push(run_of(i, i + 1));
  while (crew.num_done() < 10) std::this_thread::yield();
  EXPECT_EQ(taken, 30);
}

TEST(RunCrew, TheOwnerDoesWhatNoHelperHasBegun) {
  std::latch release(1), done(1);  // before the executor, whose end waits for its thread
  auto executor = std::make_shared<Executor>(1);
  executor->submit([&] { release.wait(); });  // the only thread is busy with something else
  int taken = 0;
  {
    RunCrew crew({[&taken](const csv::Run&) -> Taken {
                   ++taken;
                   return std::nullopt;
                 }},
                 executor, 1);
    crew.start(true);
    for (int i = 0; i < 10; ++i) crew.push(run_of(i, i + 1));
    crew.finish();
    EXPECT_EQ(taken, 10);
  }
  release.count_down();  // the helper begins now, and finds the crew gone
  executor->submit([&] { done.count_down(); });
  done.wait();
  EXPECT_EQ(taken, 10);
}

TEST(RunCrew, WaitingEndsWhenAnotherThreadIsThrough) {
  std::latch begun(1), release(1);
  RunCrew crew({[&](const csv::Run&) -> Taken {
                 begun.count_down();
                 release.wait();
                 return std::nullopt;
               }},
               std::make_shared<Executor>(1), 1);
  crew.start(true);
  crew.push(run_of(0, 1));
  begun.wait();
  EXPECT_FALSE(crew.help());
  EXPECT_EQ(crew.num_done(), 0u);
  release.count_down();
  crew.wait(0);
  EXPECT_EQ(crew.num_done(), 1u);
}

// Lane i stops in run i + 1, at the row said; the earliest in the order of rows is heard.
RunCrew::Stop stop_of(std::vector<RunCrew::Lane> lanes, int num_helpers) {
  RunCrew crew(std::move(lanes), std::make_shared<Executor>(3), num_helpers);
  crew.start(true);
  for (int i = 0; i < 20; ++i) crew.push(run_of(0, 10));
  crew.finish();
  EXPECT_TRUE(crew.has_stopped());
  const RunCrew::Stop stop = crew.stop().value_or(RunCrew::Stop{});
  EXPECT_LE(crew.num_done(), stop.run);
  return stop;
}

// A lane that takes `num_runs` runs and then says `then`.
RunCrew::Lane lane_until(int num_runs, Taken then) {
  return [left = num_runs, then = std::move(then)](const csv::Run&) mutable -> Taken {
    if (left-- > 0) return std::nullopt;
    return then;
  };
}

Taken misfit(std::int64_t row, std::int64_t column) {
  return RunCrew::Misfit{.row = row, .column = column};
}

TEST(RunCrew, StopsWhereOneThreadWouldHaveStopped) {
  for (int num_helpers = 0; num_helpers < 4; ++num_helpers) {
    RunCrew::Stop stop = stop_of({lane_until(7, misfit(1, 0)), lane_until(3, misfit(5, 1)),
                                  lane_until(3, misfit(4, 2)), lane_until(3, misfit(4, 3))},
                                 num_helpers);
    EXPECT_EQ(stop.run, 3u);
    EXPECT_EQ(stop.misfit.row, 4);
    EXPECT_EQ(stop.misfit.column, 2);
    EXPECT_FALSE(stop.error);

    // A run that is to be tried again counts before a misfit in it, and not before one in an
    // earlier run.
    const SourceError error{.kind = ErrorKind::MemoryLimit};
    stop = stop_of({lane_until(3, misfit(0, 0)), lane_until(3, fail(error))}, num_helpers);
    EXPECT_TRUE(stop.error);
    stop = stop_of({lane_until(3, fail(error)), lane_until(2, misfit(9, 1))}, num_helpers);
    EXPECT_EQ(stop.run, 2u);
    EXPECT_FALSE(stop.error);
  }
}

TEST(RunCrew, SaysThatMemoryRanOutWhoeverMetIt) {
  for (int num_helpers = 0; num_helpers < 3; ++num_helpers) {
    const RunCrew::Lane throws = [](const csv::Run&) -> Taken { throw std::bad_alloc(); };
    EXPECT_TRUE(stop_of({lane_until(0, misfit(0, 0)), throws}, num_helpers).no_memory);
  }
}

TEST(RunCrew, CallsNoHelpersWhereNoneAreWanted) {
  std::set<std::thread::id> threads;
  RunCrew crew({[&threads](const csv::Run&) -> Taken {
                 threads.insert(std::this_thread::get_id());
                 return std::nullopt;
               }},
               std::make_shared<Executor>(2), 2);
  crew.start(false);
  for (int i = 0; i < 100; ++i) crew.push(run_of(i, i + 1));
  crew.finish();
  EXPECT_EQ(threads, std::set{std::this_thread::get_id()});
}

TEST(RunCrew, AbandonedWorkIsNotBegun) {
  int taken = 0;
  RunCrew crew({[&taken](const csv::Run&) -> Taken {
                 ++taken;
                 return std::nullopt;
               }},
               nullptr, 0);
  crew.start(true);
  crew.push(run_of(0, 1));
  crew.abandon();
  EXPECT_FALSE(crew.help());
  EXPECT_EQ(taken, 0);
}

}  // namespace
}  // namespace polarway::csv
