#include "core/nearest_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <utility>
#include <vector>

#include "core/quoted_text.h"

namespace polarway {

namespace {

constexpr std::size_t kMostDistance = 3;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// Insertions, deletions, replacements and swaps of neighbours that make `a` into `b`.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> two_above, above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  two_above = above;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
    std::swap(two_above, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view given, std::span<const std::string> known) {
  const std::size_t near = std::min(kMostDistance, (given.size() + 1) / 3);
  const std::string* best = nullptr;
  std::size_t best_distance = near + 1;
  for (const std::string& name : known) {
    // The lengths bound the distance from below; a name is not compared when that rules it out.
    const std::size_t difference =
        std::max(name.size(), given.size()) - std::min(name.size(), given.size());
    if (difference >= best_distance || name == given) continue;
    const std::size_t found = distance(given, name);
    if (found < best_distance) {
      best = &name;
      best_distance = found;
    }
  }
  return best == nullptr ? "" : fmt::format("did you mean {}?", shorten(*best));
}

}  // namespace polarway
