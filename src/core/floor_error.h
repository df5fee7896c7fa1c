#pragma once

#include <cstdint>
#include <string>

#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway {

/// The error for a limit that is below what something needs before it can begin. It names the floor
/// that would do: what is used already and `needed_bytes` on top. `who` is "this source" or the
/// like, `location` its place, `shortage` what the budget said when it refused.
SourceError floor_error(MemoryBudget& budget, std::int64_t needed_bytes, const std::string& who,
                        std::string location, SourceError shortage);

}  // namespace polarway
