#pragma once

#include "adaptive/chunk_sizer.h"

namespace polarway {

/// The guide's rules. Above `shrink_above` of the limit the size is halved, as long as that leaves
/// a chunk worth its cost. Below `grow_below`, and while throughput is low, it grows by a quarter;
/// low means that rows per second were still rising when the size last grew, that no larger size
/// was tried yet, or that chunks are smaller than they began. Otherwise it stays.
class ClassicSizer final : public ChunkSizer {
 public:
  /// A first chunk of this size is large enough that the fixed cost of a chunk does not show, and
  /// small enough to stay in cache on its way to the consumer.
  static constexpr double kFirstChunkBytes = 2 << 20;

  ClassicSizer(const StreamOptions& options, std::int64_t rows, std::int64_t max_rows);

  void set_rows(std::int64_t rows) override;
  Decision observe(const ChunkObservation& seen) override;

 private:
  StreamOptions options_;
  std::int64_t start_rows_;        // what it began with
  std::int64_t smaller_rows_ = 0;  // the size before it last grew
  double smaller_rate_ = 0;        // and the rows per ms then
};

}  // namespace polarway
