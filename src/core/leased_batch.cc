#include "core/leased_batch.h"

#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/budget_state.h"
#include "core/copy_array_data.h"
#include "core/paid_buffer.h"

namespace polarway {
namespace {

// Counts a chunk as held for as long as any of its buffers lives.
struct HeldChunk {
  explicit HeldChunk(std::shared_ptr<MemoryBudget> of) : budget(std::move(of)) {
    budget->state().chunks_held.fetch_add(1);
  }
  ~HeldChunk() { budget->state().chunks_held.fetch_sub(1); }
  HeldChunk(const HeldChunk&) = delete;
  HeldChunk& operator=(const HeldChunk&) = delete;

  std::shared_ptr<MemoryBudget> budget;
};

// Members die in reverse order: the bytes first, then the lease that paid for them.
class LeasedBuffer final : public arrow::Buffer {
 public:
  LeasedBuffer(std::shared_ptr<arrow::Buffer> bytes, MemoryLease lease,
               std::shared_ptr<HeldChunk> chunk)
      : Buffer(bytes->data(), bytes->size()),
        chunk_(std::move(chunk)),
        lease_(std::move(lease)),
        bytes_(std::move(bytes)) {
    capacity_ = bytes_->capacity();
  }

 private:
  std::shared_ptr<HeldChunk> chunk_;
  MemoryLease lease_;
  std::shared_ptr<arrow::Buffer> bytes_;
};

// A part of what many chunks share.
class SharedBuffer final : public PaidBuffer {
 public:
  SharedBuffer(std::shared_ptr<arrow::Buffer> bytes, std::shared_ptr<MemoryLease> lease)
      : PaidBuffer(bytes->data(), bytes->size()),
        lease_(std::move(lease)),
        bytes_(std::move(bytes)) {
    capacity_ = bytes_->capacity();
  }

 private:
  std::shared_ptr<MemoryLease> lease_;
  std::shared_ptr<arrow::Buffer> bytes_;
};

// What a buffer takes: the pool hands large ones out in size classes.
std::int64_t pool_bytes(const arrow::Buffer& buffer) {
  return CountingPool::block_size(buffer.capacity());
}

bool is_paid(const arrow::Buffer& buffer) {
  return dynamic_cast<const PaidBuffer*>(&buffer) != nullptr;
}

// What of that a chunk pays for.
std::int64_t paid_bytes(const arrow::Buffer& buffer) {
  return is_paid(buffer) ? 0 : pool_bytes(buffer);
}

template <class Visit>
void visit_buffers(const arrow::ArrayData& data, Visit visit) {
  for (const auto& buffer : data.buffers) {
    if (buffer) visit(buffer);
  }
  for (const auto& child : data.child_data) visit_buffers(*child, visit);
  if (data.dictionary) visit_buffers(*data.dictionary, visit);
}

using Wrapped = std::unordered_map<const arrow::Buffer*, std::shared_ptr<arrow::Buffer>>;

std::shared_ptr<arrow::ArrayData> with_wrapped(const arrow::ArrayData& data,
                                               const Wrapped& wrapped) {
  std::shared_ptr<arrow::ArrayData> copy = copy_array_data(data);
  for (auto& buffer : copy->buffers) {
    if (buffer) buffer = wrapped.at(buffer.get());
  }
  for (auto& child : copy->child_data) child = with_wrapped(*child, wrapped);
  if (copy->dictionary) copy->dictionary = with_wrapped(*copy->dictionary, wrapped);
  return copy;
}

}  // namespace

std::int64_t batch_bytes(const arrow::RecordBatch& batch) {
  std::unordered_set<const arrow::Buffer*> seen;
  std::int64_t bytes = 0;
  for (const auto& column : batch.column_data()) {
    visit_buffers(*column, [&](const std::shared_ptr<arrow::Buffer>& buffer) {
      if (seen.insert(buffer.get()).second) bytes += paid_bytes(*buffer);
    });
  }
  return bytes;
}

std::int64_t data_bytes(const arrow::ArrayData& data) {
  std::unordered_set<const arrow::Buffer*> seen;
  std::int64_t bytes = 0;
  visit_buffers(data, [&](const std::shared_ptr<arrow::Buffer>& buffer) {
    if (seen.insert(buffer.get()).second) bytes += pool_bytes(*buffer);
  });
  return bytes;
}

std::shared_ptr<arrow::ArrayData> share_lease(const std::shared_ptr<arrow::ArrayData>& data,
                                              MemoryLease lease) {
  lease.settle_at(data_bytes(*data));
  const auto shared = std::make_shared<MemoryLease>(std::move(lease));
  Wrapped wrapped;
  visit_buffers(*data, [&](const std::shared_ptr<arrow::Buffer>& buffer) {
    if (wrapped.contains(buffer.get())) return;
    wrapped.emplace(buffer.get(), std::make_shared<SharedBuffer>(buffer, shared));
  });
  return with_wrapped(*data, wrapped);
}

std::shared_ptr<arrow::RecordBatch> attach_lease(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                 MemoryLease lease) {
  if (!lease) return batch;
  lease.hand_to(LeaseHolder::User);
  lease.settle_at(batch_bytes(*batch));
  const auto chunk = std::make_shared<HeldChunk>(lease.budget());
  Wrapped wrapped;
  std::vector<std::shared_ptr<arrow::ArrayData>> columns;
  for (const auto& column : batch->column_data()) {
    visit_buffers(*column, [&](const std::shared_ptr<arrow::Buffer>& buffer) {
      if (wrapped.contains(buffer.get())) return;
      if (is_paid(*buffer)) {
        wrapped.emplace(buffer.get(), buffer);
        return;
      }
      MemoryLease part = lease.split(paid_bytes(*buffer));
      wrapped.emplace(buffer.get(), std::make_shared<LeasedBuffer>(buffer, std::move(part), chunk));
    });
    columns.push_back(with_wrapped(*column, wrapped));
  }
  return arrow::RecordBatch::Make(batch->schema(), batch->num_rows(), std::move(columns));
}

}  // namespace polarway
