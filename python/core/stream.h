#pragma once

#include <nanobind/nanobind.h>
#include <unistd.h>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "chunk.h"
#include "failure.h"
#include "polarway/stream.h"
#include "proxy.h"

namespace polarway::python {

/// A StreamingSource for Python: waits and decodes without the GIL, may be used from several
/// threads, which take turns, and hears Ctrl-C. Failures are thrown as Failure.
///
/// In a forked child it is dead: its threads stayed in the parent.
class Stream {
 public:
  explicit Stream(StreamingSource source);
  /// As close(). Needs the GIL.
  ~Stream();

  /// The next chunk, or nothing at the end. A signal handler that raises, or stop_reading(), ends
  /// the wait.
  std::optional<Chunk> read();
  /// Ends a read() of another thread with Cancelled; without one, does nothing. Needs no GIL.
  void stop_reading();
  /// Stops reading, and gives the memory back.
  void close();

  /// @name As the StreamingSource's, JSON where it has structs
  /// @{
  std::string stats_json() const;
  std::vector<std::string> decisions_json() const;
  nanobind::dict metadata() const;
  ChunkSchema schema() const;
  bool has_more();
  void reset();
  void seek(const Checkpoint& checkpoint);
  std::string checkpoint_json();
  void commit();
  std::vector<Split> splits(int max_splits);
  Chunk collect();
  void set_chunk_size(std::int64_t rows);
  void set_memory_limit(std::int64_t bytes);
  std::vector<Reject> take_rejects();
  std::shared_ptr<MemoryBudget> budget() const;
  /// @}

  /// What is left of it as an `__arrow_c_stream__`, which keeps it open.
  nanobind::capsule arrow_c_stream();

 private:
  // On the heap in one piece, so that a forked child can leave it alone.
  struct State {
    explicit State(StreamingSource opened) : source(std::move(opened)) {}
    StreamingSource source;
    std::mutex turn;                                              // held by whoever uses the source
    std::optional<Result<std::optional<DataFrame>>> undelivered;  // read when a handler raised
    mutable std::mutex guard;                                     // of what follows
    std::stop_source stop;                                        // of the read at hand
    std::deque<Decision> decisions;
    Proxy proxy;
  };

  State& here() const;  // Failure in a forked child
  // Calls `use` with the source when it is this thread's turn, without the GIL.
  template <class Use>
  auto with_source(Use use);

  pid_t process_ = ::getpid();
  std::shared_ptr<State> state_;
};

/// Opens a source of that kind, or of the one that the location tells where `kind` is empty. Hears
/// Ctrl-C; what was begun then is left behind.
std::unique_ptr<Stream> open_stream(std::string kind, SourceConfig config);

}  // namespace polarway::python
