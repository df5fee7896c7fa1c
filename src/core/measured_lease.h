#pragma once

#include "core/budget_state.h"
#include "polarway/memory.h"

namespace polarway {

/// For a lease that pays for memory which is not the pool's, once that memory is in use. In a
/// library the lease stays. In a program the process is measured, and what the measurement finds is
/// paid for already: the lease has done its work, which was to ask before. For the little that many
/// small files take each, the next measurement is soon enough.
inline void settle_measured(MemoryLease& lease) {
  constexpr std::int64_t kWorthMeasuring = 64 << 10;
  if (!lease || lease.budget()->state().scope == MemoryScope::Accounted) return;
  if (lease.bytes() >= kWorthMeasuring) lease.budget()->refresh();
  lease.release();
}

}  // namespace polarway
