#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>

#include "polarway/memory.h"

namespace polarway {

/// Bytes of the distinct buffers a batch references, by what they take from a CountingPool.
std::int64_t batch_bytes(const arrow::RecordBatch& batch);

/// The same rows, each buffer now holding its part of `lease`, so that the bytes are paid for
/// until the last reference to them is gone: a slice, a copy, or an export. The lease goes to the
/// user and is settled at batch_bytes(); the whole counts as one chunk held.
std::shared_ptr<arrow::RecordBatch> attach_lease(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                 MemoryLease lease);

}  // namespace polarway
