#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>

#include "polarway/memory.h"

namespace polarway {

/// Bytes of the distinct buffers a batch references, by what they take from a CountingPool; less
/// those of each PaidBuffer.
std::int64_t batch_bytes(const arrow::RecordBatch& batch);

/// The same of one array, a PaidBuffer's bytes included.
std::int64_t data_bytes(const arrow::ArrayData& data);

/// The same rows, each buffer now holding its part of `lease`, so that the bytes are paid for
/// until the last reference to them is gone: a slice, a copy, or an export. The lease goes to the
/// user and is settled at batch_bytes(); the whole counts as one chunk held.
std::shared_ptr<arrow::RecordBatch> attach_lease(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                 MemoryLease lease);

/// The same values, for many chunks to share: each buffer is a PaidBuffer that holds `lease`, which
/// is settled at data_bytes() and stays whose it is.
std::shared_ptr<arrow::ArrayData> share_lease(const std::shared_ptr<arrow::ArrayData>& data,
                                              MemoryLease lease);

}  // namespace polarway
