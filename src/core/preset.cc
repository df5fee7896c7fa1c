#include "core/preset.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "core/memory_probe.h"
#include "core/nearest_name.h"
#include "core/quoted_text.h"
#include "polarway/memory.h"

namespace polarway {
namespace {

constexpr std::int64_t kMB = 1'000'000;
constexpr std::int64_t kGB = 1000 * kMB;

// By size.
const std::array<Preset, 3>& table() {
  static const std::array<Preset, 3> presets{{
      {.name = "b1s", .ram_bytes = kGB, .memory_limit_bytes = 600 * kMB, .max_chunk_rows = 5'000},
      {.name = "b2s",
       .ram_bytes = 4 * kGB,
       .memory_limit_bytes = 2500 * kMB,
       .max_chunk_rows = 20'000},
      {.name = "b4ms",
       .ram_bytes = 16 * kGB,
       .memory_limit_bytes = 10 * kGB,
       .max_chunk_rows = 100'000},
  }};
  return presets;
}

}  // namespace

Preset preset_for_ram(std::int64_t ram_bytes) {
  constexpr double kReported = 0.8;  // of what it is sold with, at least
  Preset found = table().front();
  for (const Preset& preset : table()) {
    if (static_cast<double>(ram_bytes) >= kReported * static_cast<double>(preset.ram_bytes)) {
      found = preset;
    }
  }
  return found;
}

Result<Preset> find_preset(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "auto") {
    MemoryProbe probe;
    Preset preset = preset_for_ram(
        std::min(probe.host_total_bytes(), probe.cgroup_limit_bytes().value_or(INT64_MAX)));
    preset.name = "auto";
    preset.memory_limit_bytes = MemoryBudget::default_limit_bytes();
    return preset;
  }
  std::vector<std::string> names{"auto"};
  for (const Preset& preset : table()) {
    if (preset.name == lower) return preset;
    names.push_back(preset.name);
  }
  const std::string near = did_you_mean(name, names);
  return fail({.kind = ErrorKind::Config,
               .message = "there is no preset " + shorten(name),
               .hint = near.empty() ? "the presets are auto, b1s, b2s and b4ms" : near});
}

}  // namespace polarway
