#include "adaptive/classic_sizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace polarway {
namespace {

// Two rates closer than this are noise.
constexpr double kWorthwhile = 1.02;

std::int64_t scaled(std::int64_t rows, double factor) {
  return static_cast<std::int64_t>(std::llround(static_cast<double>(rows) * factor));
}

}  // namespace

ClassicSizer::ClassicSizer(const StreamOptions& options, std::int64_t rows, std::int64_t max_rows)
    : ChunkSizer(options.min_chunk_size, rows, max_rows),
      options_(options),
      start_rows_(this->rows()) {}

void ClassicSizer::set_rows(std::int64_t rows) {
  move_to(rows);
  smaller_rows_ = 0;
}

Decision ClassicSizer::observe(const ChunkObservation& seen) {
  const double rate = seen.read_ms > 0 ? static_cast<double>(seen.rows) / seen.read_ms : 0;
  Decision decision = decision_after(seen);
  const std::string used = fmt::format("memory is at {:.0f} % of the limit", seen.usage * 100);
  if (seen.usage > options_.shrink_above) {
    const std::int64_t smaller = std::max(scaled(rows(), options_.shrink_factor), seen.least_rows);
    const bool shrinks = smaller < rows();
    if (shrinks) set_rows(smaller);
    decision.rule = shrinks ? "shrink" : "keep";
    decision.sentence = fmt::format("{}, over {:.0f} %{}", used, options_.shrink_above * 100,
                                    shrinks ? "" : ", but chunks are as small as is worthwhile");
  } else if (seen.usage < options_.grow_below) {
    const bool shrunk = rows() < start_rows_;
    const bool rising = shrunk || smaller_rows_ == 0 || rate > smaller_rate_ * kWorthwhile;
    // A chunk may end a little early, at its bytes; far short of its rows it is no evidence.
    const bool full_chunk = seen.rows > rows() / 2;
    if (rising && full_chunk && rows() < max_rows()) {
      decision.rule = "grow";
      decision.sentence = fmt::format(
          "{}, under {:.0f} %, and {}", used, options_.grow_below * 100,
          shrunk               ? "chunks are smaller than they began"
          : smaller_rows_ == 0 ? "no larger chunk was tried yet"
                               : fmt::format("rows/s rose from {:.0f} to {:.0f} with the last step",
                                             smaller_rate_ * 1000, rate * 1000));
      const std::int64_t before = rows();
      set_rows(std::max(rows() + 1, scaled(rows(), options_.grow_factor)));
      smaller_rows_ = before;
      smaller_rate_ = rate;
    } else {
      decision.sentence =
          used + (!full_chunk            ? ", and the chunk was not a full one"
                  : rows() == max_rows() ? ", and the chunk is as large as it may be"
                                         : ", and larger chunks are no faster");
    }
  } else {
    decision.sentence = used + ", which is where it should be";
  }
  decision.rows_after = rows();
  return decision;
}

}  // namespace polarway
