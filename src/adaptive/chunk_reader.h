#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adaptive/chunk_sizer.h"
#include "core/budget_seat.h"
#include "core/stream_options.h"
#include "frame/bound_expr.h"
#include "polarway/source.h"
#include "polarway/stream.h"

namespace polarway {

/// A chunk on its way to the caller. The lease outlives the rows.
struct Chunk {
  MemoryLease lease;                         ///< Pays for the rows.
  std::shared_ptr<arrow::RecordBatch> rows;  ///< At least one row.
  std::string position_after;                ///< For a checkpoint.
  std::int64_t rejects_before = 0;           ///< Counted before what follows it was read.
  double read_ms = 0;                        ///< Reading, decoding and filtering it.
  std::vector<Decision> decisions;           ///< Made since the chunk before.
};

/// Reads chunk after chunk from a SourceReader within the budget: sizes them, reserves before each
/// read, applies the residual filter and the limit. Everything that is the same for all sources,
/// less the reading ahead.
///
/// Threads: one caller at a time, not always the same thread.
class ChunkReader {
 public:
  /// How to take it when memory is short.
  enum class Patience {
    Ahead,  ///< Reading ahead: give up at once, the caller will ask in earnest later.
    Now,    ///< Someone waits for this chunk: shrink it, purge, wait as long as options allow.
  };

  /// Opens the reader; `config` has a maximal chunk size. MemoryLimit, naming the floor, when the
  /// limit is below what it needs.
  static Result<std::unique_ptr<ChunkReader>> open(std::unique_ptr<SourceReader> reader,
                                                   const ScanRequest& request,
                                                   const SourceConfig& config,
                                                   const StreamOptions& options,
                                                   const Context& context);

  const SourceMetadata& metadata() const { return plan_.metadata; }

  /// The next chunk; nothing at the end. Errors as SourceReader::read() has them, and MemoryLimit
  /// from the budget, which loses nothing.
  Result<std::optional<Chunk>> next(Patience patience, std::stop_token stop);

  /// Sets the chunk size from the next read on. Any thread.
  void set_chunk_size(std::int64_t rows) { wanted_rows_.store(rows); }
  /// What the next chunk aims at, as of the last read. Any thread.
  std::int64_t chunk_size() const { return shown_rows_.load(); }
  /// Time spent waiting for others to give memory back. Any thread.
  double memory_wait_ms() const { return memory_wait_ms_.load(); }
  /// The reader's counters. Any thread.
  ReaderStats reader_stats() const { return reader_->stats(); }
  /// Bytes without which the stream cannot go on: what set_memory_limit() must leave.
  std::int64_t floor_bytes() const;
  /// Tells the reader that a position is done with. Not while next() runs.
  Result<void> commit(const std::string& position) { return reader_->commit(position); }

 private:
  ChunkReader(std::unique_ptr<SourceReader> reader, const StreamOptions& options,
              const Context& context);

  Result<std::optional<Chunk>> next_chunk(Patience patience, const std::stop_token& stop);
  Result<void> pick_columns(const std::vector<std::string>& names);
  void start_sizer(const SourceConfig& config);
  std::int64_t wanted_bytes();
  std::int64_t share_bytes() const;
  std::int64_t worthwhile_rows() const;
  std::int64_t room_bytes() const;
  Result<MemoryLease> reserve(std::int64_t& bytes, Patience patience, const std::stop_token& stop);
  Result<std::optional<Batch>> read(MemoryLease& lease, std::int64_t bytes, Patience patience,
                                    const std::stop_token& stop);
  Result<void> apply_filter(Batch& batch) const;

  StreamOptions options_;
  Context context_;
  BudgetSeat seat_;
  MemoryLease working_set_;  // outlives the reader
  MemoryLease standing_;     // one small chunk, so that a full budget cannot lock the stream up
  std::unique_ptr<SourceReader> reader_;
  ScanPlan plan_;
  std::optional<BoundExpr> residual_;
  std::optional<std::vector<int>> picked_;  // the wanted columns, where the reader has more
  std::optional<std::int64_t> rows_left_;   // of the limit
  std::unique_ptr<ChunkSizer> sizer_;
  double bytes_per_row_ = 0;  // what a row of the last chunks weighed
  std::int64_t chunks_read_ = 0;
  std::optional<SourceError> final_error_;
  std::chrono::steady_clock::time_point opened_;
  std::vector<Decision> decisions_;
  std::atomic<std::int64_t> wanted_rows_{0};
  std::atomic<std::int64_t> shown_rows_{0};
  std::atomic<double> memory_wait_ms_{0};
};

}  // namespace polarway
