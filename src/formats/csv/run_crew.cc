#include "formats/csv/run_crew.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <new>
#include <tuple>

namespace polarway::csv {

struct RunCrew::Shared {
  struct LaneState {
    Lane take;
    std::size_t num_done = 0;  // runs
    bool is_busy = false;
  };

  mutable std::mutex mutex;
  std::condition_variable progress;
  std::vector<LaneState> lanes;
  Sieve sieve;                 // null: there is none
  std::size_t num_sieved = 0;  // runs
  bool sieve_is_busy = false;
  std::vector<Run> runs;
  std::optional<Stop> stop;
  int num_helpers = 0;  // queued or at work
  bool owner_waits = false;

  // The following need the mutex.

  // Runs behind a stop are for nobody.
  std::size_t num_wanted() const {
    return stop ? std::min(stop->run + 1, runs.size()) : runs.size();
  }

  // Runs that lanes may take.
  std::size_t num_ready() const {
    return sieve ? std::min(num_wanted(), num_sieved) : num_wanted();
  }

  std::size_t num_done() const {
    std::size_t least = stop ? stop->run : runs.size();
    if (sieve) least = std::min(least, num_sieved);
    for (const LaneState& lane : lanes) least = std::min(least, lane.num_done);
    return least;
  }

  bool is_done(const LaneState& lane) const {
    return !lane.is_busy && lane.num_done >= num_wanted();
  }

  bool all_done() const {
    if (sieve && (sieve_is_busy || num_sieved < num_wanted())) return false;
    return std::all_of(lanes.begin(), lanes.end(), [&](const auto& lane) { return is_done(lane); });
  }

  // The lane that is most behind and that nobody is at: what is oldest is still in a cache.
  LaneState* idle_lane() {
    LaneState* found = nullptr;
    const std::size_t ready = num_ready();
    for (LaneState& lane : lanes) {
      if (lane.is_busy || lane.num_done >= ready) continue;
      if (found == nullptr || lane.num_done < found->num_done) found = &lane;
    }
    return found;
  }

  bool can_sieve() const { return sieve && !sieve_is_busy && num_sieved < num_wanted(); }

  bool has_work() { return can_sieve() || idle_lane() != nullptr; }

  // The order in which one thread would have met them: rows that a sieve has left lie before the
  // one that it stopped at.
  static auto order(const Stop& stop) {
    return std::tuple(!stop.no_memory, stop.run, !stop.error, stop.by_sieve, stop.misfit.row,
                      stop.lane);
  }

  void note(Stop seen) {
    if (!stop || order(seen) < order(*stop)) stop = std::move(seen);
  }

  // Calls a lane or the sieve, without the mutex meanwhile, and notes where it stops.
  template <class Take>
  void take(Stop seen, Take take_run, std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    bool stops = true;
    try {
      Result<std::optional<Misfit>> taken = take_run();
      stops = !taken || taken->has_value();
      if (!taken) {
        seen.error = std::move(taken.error());
      } else if (stops) {
        seen.misfit = **taken;
      }
    } catch (const std::bad_alloc&) {
      seen.no_memory = true;
    }
    lock.lock();
    if (stops) note(std::move(seen));
  }

  void sieve_one(std::unique_lock<std::mutex>& lock) {
    sieve_is_busy = true;
    Run run = runs[num_sieved];
    take({.run = num_sieved, .by_sieve = true}, [&] { return sieve(run); }, lock);
    if (num_sieved < runs.size()) runs[num_sieved++] = run;  // unless abandoned meanwhile
    sieve_is_busy = false;
  }

  // Does one piece, the sieve's first, since others wait for it. False when there is none.
  bool work_one(std::unique_lock<std::mutex>& lock) {
    if (can_sieve()) {
      sieve_one(lock);
    } else if (LaneState* lane = idle_lane()) {
      lane->is_busy = true;
      const Run run = runs[lane->num_done];
      take(
          {.run = lane->num_done, .lane = static_cast<std::size_t>(lane - lanes.data())},
          [&] { return lane->take(run); }, lock);
      ++lane->num_done;
      lane->is_busy = false;
    } else {
      return false;
    }
    if (owner_waits) progress.notify_one();
    return true;
  }
};

RunCrew::RunCrew(std::vector<Lane> lanes, std::shared_ptr<Executor> executor, int num_helpers,
                 Sieve sieve)
    : executor_(std::move(executor)),
      num_helpers_(num_helpers),
      shared_(std::make_shared<Shared>()) {
  for (Lane& lane : lanes) shared_->lanes.push_back({.take = std::move(lane)});
  shared_->sieve = std::move(sieve);
}

RunCrew::~RunCrew() { abandon(); }

void RunCrew::start(bool with_helpers) {
  with_helpers_ = with_helpers;
  const std::lock_guard lock(shared_->mutex);
  for (Shared::LaneState& lane : shared_->lanes) lane.num_done = 0;
  shared_->num_sieved = 0;
  shared_->runs.clear();
  shared_->stop.reset();
}

void RunCrew::help_out(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  while (shared->work_one(lock)) {
  }
  --shared->num_helpers;
}

void RunCrew::push(const Run& run) {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->runs.push_back(run);
    if (!with_helpers_ || shared_->num_helpers >= num_helpers_) return;
    ++shared_->num_helpers;
  }
  if (!executor_->submit([shared = shared_] { help_out(shared); })) {
    const std::lock_guard lock(shared_->mutex);
    --shared_->num_helpers;
  }
}

bool RunCrew::help() {
  std::unique_lock lock(shared_->mutex);
  return shared_->work_one(lock);
}

void RunCrew::wait(std::size_t num_done) {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  shared.owner_waits = true;
  shared.progress.wait(
      lock, [&] { return shared.has_work() || shared.stop || shared.num_done() > num_done; });
  shared.owner_waits = false;
}

void RunCrew::finish() {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  while (shared.work_one(lock)) {
  }
  shared.owner_waits = true;
  while (!shared.all_done()) {
    shared.progress.wait(lock);
    while (shared.work_one(lock)) {
    }
  }
  shared.owner_waits = false;
}

void RunCrew::abandon() {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  for (Shared::LaneState& lane : shared.lanes) lane.num_done = 0;
  shared.num_sieved = 0;
  shared.runs.clear();
  shared.owner_waits = true;
  shared.progress.wait(lock, [&] { return shared.all_done(); });
  shared.owner_waits = false;
}

std::size_t RunCrew::num_done() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->num_done();
}

bool RunCrew::has_stopped() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->stop.has_value();
}

std::optional<RunCrew::Stop> RunCrew::stop() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->stop;
}

Run RunCrew::run(std::size_t index) const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->runs[index];
}

}  // namespace polarway::csv
