#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "polarway/memory.h"

namespace polarway {

/// A batch some of whose columns were just computed, while the others are shared with a batch that
/// is paid for already.
struct FreshBatch {
  std::shared_ptr<arrow::RecordBatch> rows;
  std::vector<bool> is_fresh;  // for each column
};

/// Bytes of the buffers of the fresh columns. A dictionary, and the text behind views, is never
/// new: those belong to the batch that the column was computed from.
std::int64_t fresh_bytes(const FreshBatch& batch);

/// The same rows, the lease now held by the fresh columns and settled at fresh_bytes(): they are
/// paid for until the last reference to them is gone. Without fresh columns the lease goes back.
std::shared_ptr<arrow::RecordBatch> pay_with(const FreshBatch& batch, MemoryLease lease);

}  // namespace polarway
