#pragma once

#include <cstdint>

#include "core/stream_options.h"
#include "polarway/stream.h"

namespace polarway {

/// What was seen of one chunk.
struct ChunkObservation {
  std::int64_t chunk = 0;        ///< Its number, from 0.
  std::int64_t rows = 0;         ///< Read, before any filter.
  double read_ms = 0;            ///< Reading and decoding them.
  double usage = 0;              ///< Of the memory limit, right after.
  std::int64_t limit_bytes = 0;  ///< The limit.
  std::int64_t least_rows = 1;   ///< Fewer would not be worth the cost of a chunk.
};

/// How many rows the next chunk aims at: the guide's rules. A function of what was observed, with
/// no clock and no memory of its own to look at; so safety never depends on it.
///
/// Above `shrink_above` of the limit the size is halved, as long as that leaves a chunk worth its
/// cost. Below `grow_below`, and while throughput is
/// low, it grows by a quarter; low means that rows per second were still rising when the size
/// last grew, that no larger size was tried yet, or that chunks are smaller than they began.
/// Otherwise it stays.
class ChunkSizer {
 public:
  /// Starts at `rows`; stays within the options' minimum and `max_rows`.
  ChunkSizer(const StreamOptions& options, std::int64_t rows, std::int64_t max_rows);

  /// What the next chunk aims at.
  std::int64_t rows() const { return rows_; }
  /// Sets it by hand.
  void set_rows(std::int64_t rows);
  /// Learns from a chunk; the decision says what changed and why. `t_ms` is left to the caller.
  Decision observe(const ChunkObservation& seen);

 private:
  StreamOptions options_;
  std::int64_t rows_;
  std::int64_t max_rows_;
  std::int64_t start_rows_ = 0;    // what it began with
  std::int64_t smaller_rows_ = 0;  // the size before it last grew
  double smaller_rate_ = 0;        // and the rows per ms then
};

}  // namespace polarway
