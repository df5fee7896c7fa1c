#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "polarway/memory.h"

namespace polarway {

/// What somebody who takes all he can get has of `total`, shared by max-min fairness with others
/// who want `others`: whoever wants less than an equal part has that, and the rest is shared
/// equally by the others. (Bertsekas and Gallager, Data Networks, 6.5.2.)
std::int64_t fair_share(std::int64_t total, std::vector<std::int64_t> others);

/// A stream's place at a budget that it may share with others, from open to close. Thread-safe.
class BudgetSeat {
 public:
  explicit BudgetSeat(std::shared_ptr<MemoryBudget> budget);
  ~BudgetSeat();
  BudgetSeat(const BudgetSeat&) = delete;
  BudgetSeat& operator=(const BudgetSeat&) = delete;

  /// Says what the stream's chunks would take together if there was room for all; until then it
  /// counts as wanting everything. 0 at its end.
  void want(std::int64_t bytes);

  /// The stream's fair part of the memory that chunks can have at all: the limit less what readers,
  /// sinks, rejected rows and the rest of the process use.
  std::int64_t share_bytes() const;

 private:
  std::shared_ptr<MemoryBudget> budget_;
  std::int64_t wanted_bytes_ = INT64_MAX;  // guarded by the budget's mutex
};

}  // namespace polarway
