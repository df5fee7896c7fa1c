#include "core/format_bytes.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstddef>

namespace polarway {

std::string format_bytes(std::int64_t bytes) {
  constexpr std::array<const char*, 6> kUnits = {"KB", "MB", "GB", "TB", "PB", "EB"};
  constexpr double kRoundsUp = 999.95;  // what "{:.1f}" would print as 1000.0
  if (bytes > -1000 && bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; std::abs(value) >= kRoundsUp && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace polarway
