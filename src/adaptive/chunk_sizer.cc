#include "adaptive/chunk_sizer.h"

#include <algorithm>

#include "adaptive/classic_sizer.h"
#include "adaptive/model_sizer.h"

namespace polarway {

std::unique_ptr<ChunkSizer> ChunkSizer::make(const StreamOptions& options, std::int64_t rows,
                                             std::int64_t max_rows) {
  switch (options.policy) {
    case SizingPolicy::Classic:
      return std::make_unique<ClassicSizer>(options, rows, max_rows);
    case SizingPolicy::Model:
      return std::make_unique<ModelSizer>(options, rows, max_rows);
  }
  return nullptr;  // no such policy
}

double ChunkSizer::first_chunk_bytes(SizingPolicy policy) {
  return policy == SizingPolicy::Model ? ModelSizer::kProbeBytes : ClassicSizer::kFirstChunkBytes;
}

ChunkSizer::ChunkSizer(std::int64_t least_rows, std::int64_t rows, std::int64_t max_rows)
    : max_rows_(std::max<std::int64_t>(1, max_rows)),
      least_rows_(std::min(std::max<std::int64_t>(1, least_rows), max_rows_)),
      rows_(bounded(rows)) {}

void ChunkSizer::set_rows(std::int64_t rows) { move_to(rows); }

std::int64_t ChunkSizer::bounded(std::int64_t rows) const {
  return std::clamp(rows, least_rows_, max_rows_);
}

Decision ChunkSizer::decision_after(const ChunkObservation& seen) const {
  return {.t_ms = 0,
          .chunk = seen.chunk,
          .rows = seen.rows,
          .bytes = seen.bytes,
          .rows_before = rows_,
          .rows_after = rows_,
          .usage = seen.usage,
          .limit_bytes = seen.limit_bytes,
          .rows_per_second =
              seen.read_ms > 0 ? static_cast<double>(seen.rows) / seen.read_ms * 1000 : 0,
          .rule = "keep",
          .sentence = {}};
}

}  // namespace polarway
