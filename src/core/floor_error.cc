#include "core/floor_error.h"

#include <utility>

#include "core/budget_state.h"
#include "core/format_bytes.h"

namespace polarway {

std::int64_t warm_up_bytes(MemoryBudget& budget) {
  return budget.state().scope == MemoryScope::Process ? 4 << 20 : 0;
}

SourceError floor_error(MemoryBudget& budget, std::int64_t needed_bytes, const std::string& who,
                        std::string location, SourceError shortage) {
  constexpr std::int64_t kStep = 100'000;  // of what is printed, so that it is never rounded down
  // What a process itself takes differs a little from run to run.
  const std::int64_t variation = budget.state().scope == MemoryScope::Process ? 256 << 10 : 0;
  const std::int64_t floor =
      (budget.used_bytes() + needed_bytes + warm_up_bytes(budget) + variation + kStep - 1) / kStep *
      kStep;
  shortage.where.location = std::move(location);
  shortage.message =
      "the memory limit of " + format_bytes(budget.limit_bytes()) + " is below the floor of " + who;
  shortage.hint = "set it to at least " + format_bytes(floor);
  return shortage;
}

}  // namespace polarway
