#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "polarway/config.h"
#include "polarway/executor.h"
#include "polarway/expr.h"
#include "polarway/memory.h"
#include "polarway/result.h"
#include "polarway/schema.h"

namespace polarway {

/// What is known of a source before its first row.
struct SourceMetadata {
  Schema schema;                            ///< Of the chunks: columns, in order.
  std::optional<std::int64_t> size_bytes;   ///< Of the source as stored.
  std::optional<std::int64_t> num_records;  ///< Rows, when known without reading.
  std::optional<double> bytes_per_row;      ///< Arrow bytes of an average row, from a sample.
  bool seekable = false;                    ///< Resumes from a checkpoint; can be reset.
  bool parallelizable = false;              ///< Gains from several threads.
  bool splittable = false;                  ///< splits() works.
  bool ordered = true;                      ///< Rows come in the source's own order, every time.
  bool bounded = true;                      ///< It has an end.
  std::vector<std::string> notes = {};      ///< What its user should know; a dozen lines at most.
};

/// What to read: the part of a SourceConfig that every reader understands.
struct ScanRequest {
  std::optional<std::vector<std::string>> columns;  ///< Wanted, in order; nothing means all.
  std::optional<Expr> filter;                       ///< Wanted rows.
  std::optional<std::int64_t> limit;                ///< Most rows wanted, after the filter.
  std::optional<Split> split;                       ///< Only this piece.
  std::optional<std::string> resume_from;           ///< A Batch::position_after to go on from.
};

/// A row that was left out because it could not be read, and why.
struct POLARWAY_EXPORT Reject {
  ErrorPlace where;  ///< File, row, byte and column; the byte is the field's, if one is to blame.
  std::string message;     ///< What was wrong.
  std::string raw;         ///< The row's text, shortened to 1 KiB.
  std::string fault = {};  ///< The same in a word or two: "too few fields", "too many fields", "too
                           ///< long", "type", "quotes", "encoding"; a source may have others.
  std::optional<std::int64_t> row_byte_offset = {};  ///< Where the row begins.

  /// One object: file, row, row_byte, byte, column, fault, message, raw; null for what is not
  /// known, and {"hex": "..."} for a text that is no UTF-8.
  std::string to_json() const;
};

/// Where readers report rows they leave out. Bounded: past the first 10,000 kept, or when they take
/// a sixteenth of the budget or it has no room, rejects are only counted. Thread-safe.
class POLARWAY_EXPORT RejectChannel {
 public:
  /// Keeps rejects in memory of `budget`.
  explicit RejectChannel(std::shared_ptr<MemoryBudget> budget);
  ~RejectChannel();

  /// What is kept of a row's text.
  static constexpr std::size_t kLongestRaw = 1 << 10;

  /// Counts one, and keeps it if there is room.
  void add(Reject reject);
  /// Counts one that nobody wants to look at.
  void count_one();
  /// All that were counted.
  std::int64_t count() const;
  /// Hands the kept ones over and forgets them: all, or those among the first `count` counted.
  std::vector<Reject> take(std::int64_t count = std::numeric_limits<std::int64_t>::max());

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What a reader works with. Everything in it outlives the reader.
struct Context {
  std::shared_ptr<MemoryBudget> budget;    ///< Pays for all it allocates.
  std::shared_ptr<Executor> executor;      ///< For its own parallel work, if any.
  std::shared_ptr<RejectChannel> rejects;  ///< For rows it leaves out.
  std::stop_token stop;                    ///< The stream is being closed.
  bool parallel = true;                    ///< Whether it may use several threads at a time.
};

/// How much the next chunk may weigh, and how to stop waiting for it.
struct ChunkTarget {
  std::int64_t max_rows = 0;   ///< The controller's wish. Always > 0.
  std::int64_t max_bytes = 0;  ///< Arrow bytes, buffers included; already reserved. Always > 0.
  std::stop_token stop;        ///< Ends a wait early, with Cancelled.
};

/// Rows of a source, and the position after them.
struct Batch {
  std::shared_ptr<arrow::RecordBatch> rows;  ///< At least one row. Never null.
  std::string position_after;                ///< For ScanRequest::resume_from; may be empty.
};

/// What a reader answers when it is opened.
struct ScanPlan {
  SourceMetadata metadata;  ///< Its schema has ScanRequest::columns and what the residual reads, or
                            ///< more, in any order: the stream picks the wanted ones in the end.
  std::optional<Expr> residual;  ///< The part of the filter that the reader does not apply: rows
                                 ///< come unfiltered by it, and the stream applies it.
  bool limit_applied = false;    ///< Whether the reader stops at ScanRequest::limit by itself.
};

/// Counters since the reader was opened. They never go down.
struct ReaderStats {
  std::int64_t bytes_read = 0;  ///< Of the source as stored.
  std::int64_t retries = 0;     ///< Requests that were sent again.
};

/// The rows of one place (a file, a table, a topic, a paged endpoint), in source order, as a
/// sequence of batches. This is what a source implements; StreamingSource adds chunk sizing, the
/// memory limit, prefetch, backpressure, residual filters and checkpoints to it.
///
/// Threads: one caller at a time, not always the same thread; stats() may be called from any.
class POLARWAY_EXPORT SourceReader {
 public:
  virtual ~SourceReader() = default;

  /// Upper bound of what the reader holds besides the chunk it is building: blocks, indexes,
  /// pages. Reserved before open(); the floor below which the source refuses to start. Costs no
  /// request and no read.
  virtual std::int64_t working_set_bytes(const ScanRequest& request) const = 0;

  /// Called once, first. Costs at most a sample of the source.
  virtual Result<ScanPlan> open(const ScanRequest& request, const Context& context) = 0;

  /// The next rows: at least one, at most target.max_rows, weighing at most target.max_bytes.
  ///
  /// An empty optional is the end, and stays the end. Rows returned before an error are good.
  /// After a retryable error the next call goes on at the first row not returned; every other
  /// error is final, and each later call returns it again. MemoryLimit means that the next single
  /// row is larger than target.max_bytes; its MemoryShortage::needed_bytes says what it needs.
  virtual Result<std::optional<Batch>> read(const ChunkTarget& target) = 0;

  /// Up to `max_splits` pieces that together are the whole. Default: UnsupportedOperation.
  virtual Result<std::vector<Split>> splits(int max_splits);

  /// Tells the source that everything up to a Batch::position_after is done with. Sources without
  /// such a notion accept and ignore it, as the default does.
  virtual Result<void> commit(const std::string& position);

  /// Counters so far.
  virtual ReaderStats stats() const = 0;
};

}  // namespace polarway
