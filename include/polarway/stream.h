#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "polarway/config.h"
#include "polarway/dataframe.h"
#include "polarway/export.h"
#include "polarway/result.h"
#include "polarway/source.h"

namespace polarway {

/// Where the time of a stream went besides decoding, in milliseconds.
struct WaitTimes {
  double source_ms = 0;    ///< The caller waited for the next chunk to be read.
  double memory_ms = 0;    ///< Waited for memory to be given back.
  double consumer_ms = 0;  ///< Chunks waited for the caller.
};

/// Counters of a stream since it was opened.
struct POLARWAY_EXPORT StreamingStats {
  std::int64_t bytes_read = 0;          ///< Of the source as stored.
  std::int64_t records_processed = 0;   ///< Rows delivered.
  std::int64_t chunks_read = 0;         ///< Chunks delivered.
  std::int64_t memory_bytes = 0;        ///< Used now: leases, and for programs everything else.
  std::int64_t peak_memory_bytes = 0;   ///< The most of that seen.
  std::int64_t memory_limit_bytes = 0;  ///< The limit in force.
  std::int64_t process_bytes = 0;       ///< RssAnon + RssShmem of the process, 20 ms ago at most.
  std::int64_t process_file_bytes = 0;  ///< And RssFile: pages of files, which no limit counts.
  double avg_chunk_time_ms = 0;         ///< Reading and decoding one chunk.
  double throughput = 0;                ///< Rows delivered per second since the first read.
  std::int64_t chunk_size = 0;          ///< Rows the next chunk aims at.
  std::int64_t min_chunk_size = 0;      ///< Rows of the smallest chunk delivered (but the last).
  std::int64_t max_chunk_size = 0;      ///< Rows of the largest chunk delivered.
  std::int64_t rows_rejected = 0;       ///< Rows left out; see StreamingSource::take_rejects().
  std::int64_t retries = 0;             ///< Requests that were sent again.
  double paused_ms = 0;                 ///< Reading ahead was paused for memory.
  WaitTimes wait;                       ///< By cause.

  /// One JSON object with these names.
  std::string to_json() const;
};

/// One decision about the chunk size, and why.
struct POLARWAY_EXPORT Decision {
  double t_ms = 0;               ///< Since the stream was opened.
  std::int64_t chunk = 0;        ///< The chunk it followed, from 0.
  std::int64_t rows = 0;         ///< What that chunk had, before any filter.
  std::int64_t bytes = 0;        ///< What their values took.
  std::int64_t rows_before = 0;  ///< Chunk size until now.
  std::int64_t rows_after = 0;   ///< Chunk size from now on.
  double usage = 0;              ///< Of the memory limit, 0 to 1 (more in an overdraft).
  std::int64_t limit_bytes = 0;  ///< The limit.
  double rows_per_second = 0;    ///< Of the chunk just read.
  std::string rule;              ///< "start", "shrink", "grow", "keep", "pause", "resume", ...
  std::string sentence;          ///< The same for people, with the figures.

  /// One JSON object with these names.
  std::string to_json() const;
};

/// A source being read, chunk by chunk, within its memory limit. Made by SourceRegistry.
///
/// Threads: one caller at a time; stats() alone may be called from any thread. Move-only.
class POLARWAY_EXPORT StreamingSource {
 public:
  StreamingSource(StreamingSource&&) noexcept;             ///< Leaves the other one closed.
  StreamingSource& operator=(StreamingSource&&) noexcept;  ///< Closes what *this was.
  ~StreamingSource();                                      ///< As close().

  /// Schema, size and abilities.
  const SourceMetadata& metadata() const;

  /// The next chunk: at least one row. Nothing is the end, and stays the end.
  ///
  /// Rows delivered before an error are good. After a retryable error the next call goes on at
  /// the first row not delivered; every other error repeats. A stop ends a wait with Cancelled.
  Result<std::optional<DataFrame>> read_chunk(std::stop_token stop = {});

  /// Counters so far.
  StreamingStats stats() const;

  /// False once the end or a final error was reached.
  bool has_more() const;

  /// Starts again at the first row. UnsupportedOperation where the source cannot.
  Result<void> reset();
  /// Goes on after a checkpoint of this source. UnsupportedOperation where the source cannot.
  Result<void> seek(const Checkpoint& checkpoint);
  /// The position after the last chunk delivered by read_chunk().
  Result<Checkpoint> checkpoint() const;
  /// Tells the source that everything delivered so far is done with (Kafka's offsets; others
  /// ignore it).
  Result<void> commit();
  /// Up to `max_splits` pieces for other readers, which together are the whole source.
  Result<std::vector<Split>> splits(int max_splits);

  /// All remaining rows as one frame. MemoryLimit, before the fact, when they do not fit: the error
  /// comes as soon as the next chunk would exceed the budget, and the rows read so far are gone.
  Result<DataFrame> collect();

  /// Rows the next chunks aim at, from now on. Values below 1 count as 1.
  void set_chunk_size(std::int64_t rows);
  /// Changes the limit in mid-stream. MemoryLimit when it is below what the stream needs.
  Result<void> set_memory_limit(std::int64_t bytes);

  /// Calls `listener` for each decision, within read_chunk(), on the caller's thread.
  void on_decision(std::function<void(const Decision&)> listener);
  /// Hands over the rejects kept since the last call, of the rows up to the last chunk delivered.
  /// All that were found, those of what was read ahead included, are counted in stats().
  std::vector<Reject> take_rejects();
  /// The budget that pays for this stream.
  const std::shared_ptr<MemoryBudget>& budget() const;

  /// Stops reading ahead and gives the memory back. Chunks in the caller's hands stay good.
  /// Idempotent; read_chunk() is at its end afterwards.
  void close();

  /// Iterates over Result<DataFrame>: the chunks, then at most one error.
  class iterator {
   public:
    using value_type = Result<DataFrame>;               ///< What `*it` gives.
    using difference_type = std::ptrdiff_t;             ///< For the iterator concepts.
    using iterator_category = std::input_iterator_tag;  ///< Single pass.
    iterator() = default;
    /// @cond
    explicit iterator(StreamingSource* source) : source_(source) { ++*this; }
    Result<DataFrame>& operator*() const { return *current_; }
    iterator& operator++() {
      if (current_ && !*current_) source_ = nullptr;  // an error is the last element
      if (source_ == nullptr) return *this;
      Result<std::optional<DataFrame>> next = source_->read_chunk();
      if (!next) {
        current_.emplace(fail(std::move(next.error())));
      } else if (*next) {
        current_.emplace(**std::move(next));
      } else {
        source_ = nullptr;
      }
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return source_ == nullptr; }
    /// @endcond

   private:
    StreamingSource* source_ = nullptr;
    mutable std::optional<Result<DataFrame>> current_;
  };
  /// Begins a single pass from the current position.
  iterator begin() { return iterator(this); }
  /// The end of every pass.
  std::default_sentinel_t end() const { return {}; }

 private:
  friend class AdaptiveStreamBuilder;
  struct State;
  explicit StreamingSource(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Makes a StreamingSource around a SourceReader: chunk sizing, the memory limit, backpressure and
/// prefetch, the same for every source. SourceRegistry uses it; a program may, too.
class POLARWAY_EXPORT AdaptiveStreamBuilder {
 public:
  /// Makes a fresh reader that is not yet open; called again for reset() and seek().
  using ReaderFactory = std::function<Result<std::unique_ptr<SourceReader>>()>;

  /// `kind` is what checkpoints say of themselves.
  AdaptiveStreamBuilder(std::string kind, ReaderFactory make_reader);

  /// Opens the source. Options of `config` that are the stream's own are read here; the reader's
  /// are the factory's business.
  Result<StreamingSource> open(const SourceConfig& config) const;

 private:
  std::string kind_;
  ReaderFactory make_reader_;
};

}  // namespace polarway
