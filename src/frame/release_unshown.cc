#include "frame/release_unshown.h"

#include <arrow/array/concatenate.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>

#include <new>
#include <utility>
#include <vector>

#include "core/leased_batch.h"
#include "frame/fresh_columns.h"

namespace polarway {
namespace {

std::shared_ptr<arrow::RecordBatch> without_unshown(
    const std::shared_ptr<arrow::RecordBatch>& batch, const std::shared_ptr<MemoryBudget>& budget) {
  const arrow::Result<std::int64_t> shown = arrow::util::ReferencedBufferSize(*batch);
  if (!shown.ok() || batch_bytes(*batch) <= 2 * *shown) return batch;
  if (batch->num_rows() == 0) return arrow::RecordBatch::MakeEmpty(batch->schema()).ValueOr(batch);

  constexpr std::int64_t kPaddingPerColumn = 256;  // buffers are multiples of 64 bytes
  MemoryLease lease;
  arrow::MemoryPool* pool = arrow::default_memory_pool();
  if (budget) {
    Result<MemoryLease> granted =
        budget->reserve(*shown + kPaddingPerColumn * batch->num_columns(), LeaseHolder::Frame);
    if (!granted) return batch;
    lease = *std::move(granted);
    pool = budget->arrow_pool();
  }
  arrow::ArrayVector columns;
  for (const auto& column : batch->columns()) {
    arrow::Result<std::shared_ptr<arrow::Array>> copy = arrow::Concatenate({column}, pool);
    if (!copy.ok()) return batch;
    columns.push_back(*std::move(copy));
  }
  const FreshBatch fresh{
      .rows = arrow::RecordBatch::Make(batch->schema(), batch->num_rows(), std::move(columns)),
      .is_fresh = std::vector<bool>(static_cast<std::size_t>(batch->num_columns()), true)};
  return pay_with(fresh, std::move(lease));
}

}  // namespace

std::shared_ptr<arrow::RecordBatch> release_unshown(
    const std::shared_ptr<arrow::RecordBatch>& batch, const std::shared_ptr<MemoryBudget>& budget) {
  try {
    return without_unshown(batch, budget);
  } catch (const std::bad_alloc&) {
    return batch;
  }
}

}  // namespace polarway
