#include "adaptive/cost_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace polarway {
namespace {

// Sizes closer than this tell noise, not cost.
constexpr double kApart = 4;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

void CostFit::add(double bytes, double ms) {
  if (!(bytes > 0 && ms >= 0)) return;
  seen_.push({bytes, ms / bytes});

  const auto [least, most] = std::minmax_element(
      seen_.begin(), seen_.end(), [](const Chunk& a, const Chunk& b) { return a.bytes < b.bytes; });
  const double middle = std::sqrt(least->bytes * most->bytes);
  const Chunk* small = nullptr;
  std::vector<double> sizes, rates;
  for (const Chunk& chunk : seen_) {
    if (chunk.bytes >= middle) {
      sizes.push_back(chunk.bytes);
      rates.push_back(chunk.ms_per_byte);
    } else if (small == nullptr || chunk.ms_per_byte < small->ms_per_byte) {
      small = &chunk;
    }
  }
  const double large_bytes = median(std::move(sizes));
  if (small == nullptr || large_bytes < small->bytes * kApart) return;

  is_known_ = true;
  const double large_rate = median(std::move(rates));
  fixed_ms_ =
      std::max(0.0, (small->ms_per_byte - large_rate) / (1 / small->bytes - 1 / large_bytes));
  const double ms_per_byte = large_rate - fixed_ms_ / large_bytes;
  const double flat_ms = fixed_ms_ * (1 - kSmallShare) / kSmallShare;
  flat_bytes_ = flat_ms <= 0      ? 0
                : ms_per_byte > 0 ? flat_ms / ms_per_byte
                                  : std::numeric_limits<double>::infinity();
}

}  // namespace polarway
