#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "polarway/executor.h"

namespace polarway {

/// Calls `work` with each number below `num_pieces`, in order, some at the same time: here and on
/// at most `num_helpers` threads of `executor` (which may be null). Returns when all are done. It
/// waits only for what a helper is in the middle of, never for one that has not begun.
///
/// `work` must not throw. How many helpers come, and what they do, makes no difference.
void share_work(std::size_t num_pieces, int num_helpers, const std::shared_ptr<Executor>& executor,
                const std::function<void(std::size_t piece)>& work);

}  // namespace polarway
