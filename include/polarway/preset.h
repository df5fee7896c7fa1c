#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "polarway/export.h"
#include "polarway/result.h"

namespace polarway {

/// What suits a machine of some size, as the user guide's table has it.
struct Preset {
  std::string name;                     ///< "b1s", "b2s", "b4ms" or "auto".
  std::int64_t ram_bytes = 0;           ///< Of the machine.
  std::int64_t memory_limit_bytes = 0;  ///< Where no limit is given.
  std::int64_t max_chunk_rows = 0;      ///< Where neither a maximum nor a larger size is given.
};

/// The preset of that name, case aside: "b1s" (1 GB of RAM: 600 MB, 5,000 rows), "b2s" (4 GB:
/// 2.5 GB, 20,000) and "b4ms" (16 GB: 10 GB, 100,000), after Azure's machines. "auto" is made for
/// this machine: the rows of the largest preset that its RAM suffices for (or its memory cgroup's
/// limit, if that is less), and MemoryBudget::default_limit_bytes(). Config error for other names.
/// Thread-safe.
POLARWAY_EXPORT Result<Preset> find_preset(std::string_view name);

}  // namespace polarway
