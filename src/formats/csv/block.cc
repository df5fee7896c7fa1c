#include "formats/csv/block.h"

#include <arrow/buffer.h>

#include <cstring>

#include "core/arrow_status.h"

namespace polarway::csv {

Block::Block(ByteStream& bytes, std::shared_ptr<MemoryBudget> budget,
             std::shared_ptr<arrow::ResizableBuffer> memory, std::int64_t capacity)
    : bytes_(bytes), budget_(std::move(budget)), memory_(std::move(memory)), capacity_(capacity) {}

Result<std::unique_ptr<Block>> Block::make(ByteStream& bytes, std::int64_t capacity,
                                           std::shared_ptr<MemoryBudget> budget) {
  POLARWAY_TRY(
      std::shared_ptr<arrow::ResizableBuffer> memory,
      from_arrow(arrow::AllocateResizableBuffer(capacity + 2 * kPadding, budget->arrow_pool())));
  std::memset(memory->mutable_data(), 0, kPadding);
  return std::unique_ptr<Block>(new Block(bytes, std::move(budget), std::move(memory), capacity));
}

std::uint8_t* Block::base() const { return memory_->mutable_data() + kPadding; }

std::span<const std::uint8_t> Block::text() const {
  return {base() + begin_, static_cast<std::size_t>(end_ - begin_)};
}

void Block::consume(std::int64_t num_bytes) {
  begin_ += num_bytes;
  offset_ += num_bytes;
}

Result<void> Block::grow() {
  // Positions within a block are 32 bits wide.
  constexpr std::int64_t kMaxCapacity = std::int64_t{1} << 31;
  if (capacity_ >= kMaxCapacity) {
    return fail({.kind = ErrorKind::MemoryLimit,
                 .message = "a row is longer than 2 GiB",
                 .hint = "check quote_char and delimiter"});
  }
  if (!growth_) {
    POLARWAY_TRY(growth_, budget_->reserve(capacity_, LeaseHolder::Reader));
  } else {
    POLARWAY_CHECK(growth_.grow(capacity_));
  }
  POLARWAY_CHECK(from_arrow(memory_->Resize(capacity_ * 2 + 2 * kPadding, false)));
  capacity_ *= 2;
  return {};
}

Result<void> Block::fill(std::stop_token stop) {
  if (begin_ > 0) {
    std::memmove(base(), base() + begin_, static_cast<std::size_t>(end_ - begin_));
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == capacity_) POLARWAY_CHECK(grow());
  while (end_ < capacity_ && !at_end_) {
    POLARWAY_TRY(const std::int64_t got,
                 bytes_.read({base() + end_, static_cast<std::size_t>(capacity_ - end_)}, stop));
    end_ += got;
    at_end_ = got == 0;
  }
  std::memset(base() + end_, 0, kPadding);
  return {};
}

Result<void> Block::seek(std::int64_t offset) {
  POLARWAY_CHECK(bytes_.seek(offset));
  begin_ = end_ = 0;
  offset_ = offset;
  at_end_ = false;
  return {};
}

}  // namespace polarway::csv
