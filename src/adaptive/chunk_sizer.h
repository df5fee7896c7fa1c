#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/stream_options.h"
#include "polarway/stream.h"

namespace polarway {

/// What was seen of one chunk.
struct ChunkObservation {
  std::int64_t chunk = 0;               ///< Its number, from 0.
  std::int64_t rows = 0;                ///< Read, before any filter.
  std::int64_t bytes = 0;               ///< What their values took.
  double read_ms = 0;                   ///< Reading, decoding and filtering them.
  double usage = 0;                     ///< Of the memory limit, right after.
  std::int64_t limit_bytes = 0;         ///< The limit.
  std::int64_t least_rows = 1;          ///< Fewer would not be worth the cost of a chunk.
  std::int64_t room_bytes = INT64_MAX;  ///< What the budget lets the rows of a chunk weigh.
};

/// How many rows the next chunk aims at. A function of what was observed, with no clock and no
/// memory of its own to look at; so safety never depends on it: whatever it says, a chunk is
/// reserved before it is read, and ends at its bytes.
///
/// Threads: one caller at a time.
class ChunkSizer {
 public:
  /// The one that the options name. Starts at `rows`; stays within the options' minimum and
  /// `max_rows`.
  static std::unique_ptr<ChunkSizer> make(const StreamOptions& options, std::int64_t rows,
                                          std::int64_t max_rows);
  /// What the first chunk should weigh, where nobody says how many rows it has.
  static double first_chunk_bytes(SizingPolicy policy);

  ChunkSizer(const ChunkSizer&) = delete;
  ChunkSizer& operator=(const ChunkSizer&) = delete;
  virtual ~ChunkSizer() = default;

  /// What the next chunk aims at.
  std::int64_t rows() const { return rows_; }
  /// What it expects the values of a row to take, if it knows better than the reader.
  virtual std::optional<double> row_bytes() const { return std::nullopt; }
  /// Sets it by hand, within the bounds.
  virtual void set_rows(std::int64_t rows);
  /// Learns from a chunk; the decision says what changed and why. `t_ms` is left to the caller.
  virtual Decision observe(const ChunkObservation& seen) = 0;

 protected:
  ChunkSizer(std::int64_t least_rows, std::int64_t rows, std::int64_t max_rows);

  std::int64_t max_rows() const { return max_rows_; }
  /// `rows`, brought within the bounds.
  std::int64_t bounded(std::int64_t rows) const;
  /// Moves to `rows`, within the bounds.
  void move_to(std::int64_t rows) { rows_ = bounded(rows); }
  /// A decision with the figures of the chunk, which keeps the size.
  Decision decision_after(const ChunkObservation& seen) const;

 private:
  std::int64_t max_rows_;
  std::int64_t least_rows_;
  std::int64_t rows_;
};

}  // namespace polarway
