#pragma once

#include <cstdint>
#include <string>

#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway {

/// What a program's libraries take on top once they work, for MemoryScope::Process: it must be left
/// when a source is opened, so that a limit which is too small is refused then and not later.
std::int64_t warm_up_bytes(MemoryBudget& budget);

/// The error for a limit that is below what something needs before it can begin. It names the floor
/// that would do: what is used already, `needed_bytes` and
/// warm_up_bytes() on top. `who` is "this source" or the
/// like, `location` its place, `shortage` what the budget said when it refused.
SourceError floor_error(MemoryBudget& budget, std::int64_t needed_bytes, const std::string& who,
                        std::string location, SourceError shortage);

}  // namespace polarway
