#pragma once

#include <cstdint>
#include <optional>

#include "adaptive/chunk_sizer.h"
#include "adaptive/cost_fit.h"
#include "adaptive/recent.h"

namespace polarway {

/// Chunks as large as pays, by three figures: what a row weighs (the most of the last chunks, so
/// that it rises at once), what a chunk costs by itself (CostFit), and what the budget lets a chunk
/// weigh (the least of late). A chunk is large enough when its fixed cost is 2 % of its time.
///
/// The first chunk is small, the second where chunks should be if a chunk costs little by itself.
/// If the two say that it costs more, a second small chunk is asked before that is believed. From
/// then on the size changes only by more than a dead band: when rows turn wider or narrower, or
/// when memory gets scarce. A size set by hand is kept to as far as memory lets it.
class ModelSizer final : public ChunkSizer {
 public:
  /// Of the chunks that show what a chunk costs: an eighth of a millisecond's work or so.
  static constexpr double kProbeBytes = 128 << 10;
  /// What is large enough where nothing else is known. Smaller chunks do not pay: what lies behind
  /// the reader has fixed costs, too, and is not seen from here. Larger ones leave the cache.
  static constexpr double kUsualBytes = 2 << 20;

  ModelSizer(const StreamOptions& options, std::int64_t rows, std::int64_t max_rows);

  std::optional<double> row_bytes() const override;
  void set_rows(std::int64_t rows) override;
  Decision observe(const ChunkObservation& seen) override;

 private:
  enum class Turn { None, Wider, Narrower };

  Turn weigh(double row_bytes);

  Recent<double> weights_{16};  // bytes of a row, chunk by chunk
  Recent<double> rooms_{16};    // bytes that the budget let a chunk weigh
  CostFit cost_;
  double flat_bytes_ = kUsualBytes;  // what makes a chunk's fixed cost small
  bool probes_ = false;              // the next chunk is a small one, to see what it costs
  bool probed_ = false;              // there was one
  std::optional<std::int64_t> asked_rows_;
};

}  // namespace polarway
