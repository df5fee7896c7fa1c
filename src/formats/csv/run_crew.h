#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "formats/csv/rows.h"
#include "formats/csv/window.h"
#include "polarway/executor.h"
#include "polarway/result.h"

namespace polarway::csv {

/// Rows [from, to) of a window: what is handed out at a time.
struct Run {
  Rows rows;
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t text_bytes = 0;     ///< Of these rows, delimiters included.
  PickRoom picks = {};             ///< Where a sieve may write rows.
  const Window* window = nullptr;  ///< Where the rows are from; there as long as the run is.
  std::int64_t chunk_row = 0;      ///< Rows of the chunk before these; before the sieve: at most.
};

/// The threads that convert the columns of a chunk. Work is cut into lanes (a column, or several)
/// and runs (rows of a window): each lane takes all runs, in order, one thread at a time, whichever
/// is free. So every column is built just as one thread would build it, and nothing has to be put
/// together afterwards.
///
/// A sieve, if there is one, sees each run first, and leaves in it the rows that lanes are to take.
///
/// No task waits here: a helper without work ends. The owner works along, and waits only for what
/// another thread is in the middle of.
///
/// Threads: one owner at a time, not always the same thread; lanes are called from any.
class RunCrew {
 public:
  /// The first row of a run that a lane cannot take, and which column says so.
  struct Misfit {
    std::int64_t row = 0;
    std::int64_t column = 0;
  };
  /// Takes a run, up to a misfit. An error means that nothing is known of the whole run.
  using Lane = std::function<Result<std::optional<Misfit>>(const Run&)>;
  /// The same, but it replaces the run's rows. With a misfit, only rows before it may be left.
  using Sieve = std::function<Result<std::optional<Misfit>>(Run&)>;

  /// Why the crew stopped before the last run. All rows before are taken; of those from there on,
  /// lanes may have taken some.
  struct Stop {
    std::size_t run = 0;
    std::size_t lane = 0;
    bool by_sieve = false;
    Misfit misfit = {};  ///< The first of the run, if there is no error. A lane's row
                         ///< is one of those that the sieve has left.
    std::optional<SourceError> error = {};  ///< Then the whole run is to be tried again.
    bool no_memory = false;                 ///< A lane threw std::bad_alloc.
  };

  /// `lanes` in order of precedence: of two that stop at the same row, the first one is heard. At
  /// most `num_helpers` tasks of `executor` work at the same time.
  RunCrew(std::vector<Lane> lanes, std::shared_ptr<Executor> executor, int num_helpers,
          Sieve sieve = nullptr);
  /// Waits for what is in the middle of work.
  ~RunCrew();
  RunCrew(const RunCrew&) = delete;
  RunCrew& operator=(const RunCrew&) = delete;

  /// Forgets all runs. Only after finish(). Whether helpers are called for those to come.
  void start(bool with_helpers);
  /// Adds a run, and calls helpers.
  void push(const Run& run);
  /// Does one piece of work here. False when there is none that nobody is at.
  bool help();
  /// Waits until more than `num_done` runs are done, or the crew stops, or help() finds work. Only
  /// when others are at work.
  void wait(std::size_t num_done);
  /// Does what there is to do, and waits for what others are at. Lanes rest then.
  void finish();
  /// Ends work that has not begun, and waits for what has. Lanes rest then.
  void abandon();

  /// Runs that all lanes have taken, to the end.
  std::size_t num_done() const;
  /// Whether there is a stop().
  bool has_stopped() const;
  /// Nothing while all goes well. Final after finish().
  std::optional<Stop> stop() const;
  /// A run since start(), as the sieve has left it once that has taken it.
  Run run(std::size_t index) const;

 private:
  struct Shared;
  static void help_out(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Executor> executor_;
  int num_helpers_;
  bool with_helpers_ = true;
  std::shared_ptr<Shared> shared_;  // with helpers, which may begin late
};

}  // namespace polarway::csv
