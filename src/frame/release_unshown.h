#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "polarway/memory.h"

namespace polarway {

/// The same rows, in buffers of their own if the present ones are more than twice as large as what
/// the batch shows of them, as after a slice: so that five rows do not pin a million. `budget`,
/// which may be null, pays for the copy. Without room for it, the batch as it is.
std::shared_ptr<arrow::RecordBatch> release_unshown(
    const std::shared_ptr<arrow::RecordBatch>& batch, const std::shared_ptr<MemoryBudget>& budget);

}  // namespace polarway
