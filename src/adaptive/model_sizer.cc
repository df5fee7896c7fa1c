#include "adaptive/model_sizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/format_bytes.h"

namespace polarway {
namespace {

// The size does not change for less.
constexpr double kDeadBand = 1.2;
// Nor does what is large enough: there the curve is flat, and larger chunks leave the cache. At a
// quarter of what makes the fixed cost 2 % of the time, it is under 8 %.
constexpr double kFlatBand = 4;
// Rows that weigh more, or less, than before by this factor are other rows.
constexpr double kOtherRows = 2;

bool differ(double a, double b, double band) { return a > b * band || b > a * band; }

std::int64_t rows_of(double bytes, double row_bytes) {
  return static_cast<std::int64_t>(std::clamp(bytes / row_bytes, 1.0, 1e15));
}

std::string shown(double bytes) { return format_bytes(std::llround(std::min(bytes, 1e18))); }

}  // namespace

ModelSizer::ModelSizer(const StreamOptions& options, std::int64_t rows, std::int64_t max_rows)
    : ChunkSizer(options.min_chunk_size, rows, max_rows) {}

void ModelSizer::set_rows(std::int64_t rows) {
  move_to(rows);
  asked_rows_ = this->rows();
}

std::optional<double> ModelSizer::row_bytes() const {
  if (weights_.empty()) return std::nullopt;
  return *std::max_element(weights_.begin(), weights_.end());
}

// One wide chunk is enough to believe in wide rows, since chunks that are too large are what costs
// memory; for narrow ones it takes two, so that a few narrow rows among wide ones change nothing.
ModelSizer::Turn ModelSizer::weigh(double weight) {
  if (weights_.empty()) {
    weights_.push(weight);
    return Turn::None;
  }
  const double known = *row_bytes();
  const double before = weights_.back();
  weights_.push(weight);
  if (weight > known * kOtherRows) return Turn::Wider;
  if (std::max(weight, before) >= known / kOtherRows) return Turn::None;
  weights_.clear();
  weights_.push(before);
  weights_.push(weight);
  return Turn::Narrower;
}

Decision ModelSizer::observe(const ChunkObservation& seen) {
  Decision decision = decision_after(seen);
  const double bytes = static_cast<double>(std::max<std::int64_t>(1, seen.bytes));
  const double weight = bytes / static_cast<double>(std::max<std::int64_t>(1, seen.rows));
  const Turn turn = weigh(weight);
  // A byte of other rows costs something else.
  if (turn != Turn::None) cost_.forget();
  if (turn == Turn::None && weight * kOtherRows >= *row_bytes()) cost_.add(bytes, seen.read_ms);
  rooms_.push(static_cast<double>(seen.room_bytes));

  const double row = *row_bytes();
  const double room = *std::min_element(rooms_.begin(), rooms_.end());
  const double flat = std::max(kUsualBytes, cost_.flat_bytes());
  const bool answered = std::exchange(probes_, false);
  // A first chunk, or one that was held up, makes chunks look dear: larger ones take two witnesses.
  if (flat * kFlatBand < flat_bytes_ || (answered && flat > flat_bytes_ * kFlatBand)) {
    flat_bytes_ = flat;
  }
  const double enough = asked_rows_ ? static_cast<double>(*asked_rows_) * row : flat_bytes_;
  const bool is_short = room < enough;
  const std::int64_t target = bounded(rows_of(std::min(enough, room), row));
  const bool moves = differ(static_cast<double>(target), static_cast<double>(rows()), kDeadBand);
  if (!asked_rows_ && !is_short && !answered) {
    probes_ = flat > flat_bytes_ * kFlatBand || (!moves && !cost_.is_known() && !probed_);
  }
  if (probes_) {
    probed_ = true;
    move_to(std::min(target, rows_of(kProbeBytes, row)));
    decision.rule = "probe";
  } else if (moves) {
    move_to(target);
    decision.rule = turn == Turn::Wider      ? "wider"
                    : turn == Turn::Narrower ? "narrower"
                    : is_short               ? "share"
                                             : "flat";
  }
  decision.rows_after = rows();

  const std::string why = is_short ? fmt::format("a chunk's share of the memory is {}", shown(room))
                          : asked_rows_ ? fmt::format("{} rows were asked for", *asked_rows_)
                          : probes_     ? std::string("a small chunk is to show whether it does")
                                        : fmt::format("{} are enough", shown(enough));
  decision.sentence = fmt::format("a row weighs up to {}, a chunk costs {:.3f} ms by itself: {}",
                                  shown(row), cost_.fixed_ms(), why);
  return decision;
}

}  // namespace polarway
