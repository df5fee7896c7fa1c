#include "formats/block.h"

#include <arrow/buffer.h>

#include <algorithm>
#include <cstring>

#include "core/arrow_status.h"

namespace polarway {

Block::Block(ByteStream& bytes, std::shared_ptr<MemoryBudget> budget, Piece piece)
    : bytes_(bytes), budget_(std::move(budget)), piece_(std::move(piece)) {}

Result<Block::Piece> Block::allocate(std::int64_t capacity, const MemoryBudget& budget) {
  POLARWAY_TRY(
      std::shared_ptr<arrow::ResizableBuffer> memory,
      from_arrow(arrow::AllocateResizableBuffer(memory_bytes(capacity), budget.arrow_pool())));
  std::memset(memory->mutable_data(), 0, kPadding);
  return Piece{{}, std::move(memory), capacity};
}

Result<std::unique_ptr<Block>> Block::make(ByteStream& bytes, std::int64_t capacity,
                                           std::shared_ptr<MemoryBudget> budget) {
  POLARWAY_TRY(Piece piece, allocate(capacity, *budget));
  return std::unique_ptr<Block>(new Block(bytes, std::move(budget), std::move(piece)));
}

Result<void> Block::add_spares(std::int64_t count, std::int64_t capacity) {
  for (std::int64_t i = 0; i < count; ++i) {
    POLARWAY_TRY(Piece piece, allocate(capacity, *budget_));
    spares_.push_back(std::move(piece));
  }
  return {};
}

void Block::drop_spares() { spares_.clear(); }

std::shared_ptr<arrow::Buffer> Block::memory() const { return piece_.memory; }

// One that nobody keeps, and in which what is left leaves room for more.
std::vector<Block::Piece>::const_iterator Block::free_spare() const {
  return std::find_if(spares_.begin(), spares_.end(), [&](const Piece& spare) {
    return spare.memory.use_count() == 1 && end_ - begin_ < spare.capacity;
  });
}

bool Block::can_fill() const {
  return piece_.memory.use_count() == 1 || free_spare() != spares_.end();
}

std::uint8_t* Block::base() const { return piece_.memory->mutable_data() + kPadding; }

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
  if (piece_.capacity >= kMaxCapacity) {
    return fail({.kind = ErrorKind::MemoryLimit,
                 .message = "a row is longer than 2 GiB",
                 .hint = "check how rows are told apart: quotes, delimiters, brackets"});
  }
  if (!piece_.growth) {
    POLARWAY_TRY(piece_.growth, budget_->reserve(piece_.capacity, LeaseHolder::Reader));
  } else {
    POLARWAY_CHECK(piece_.growth.grow(piece_.capacity));
  }
  POLARWAY_CHECK(from_arrow(piece_.memory->Resize(memory_bytes(piece_.capacity * 2), false)));
  piece_.capacity *= 2;
  return {};
}

// Moves what is left to the front, out of memory that somebody keeps.
void Block::make_room() {
  const std::uint8_t* left = base() + begin_;
  if (piece_.memory.use_count() > 1) {
    std::swap(piece_, spares_[static_cast<std::size_t>(free_spare() - spares_.cbegin())]);
  }
  std::memmove(base(), left, static_cast<std::size_t>(end_ - begin_));
  end_ -= begin_;
  begin_ = 0;
}

Result<void> Block::fill(std::stop_token stop) {
  if (begin_ > 0 || piece_.memory.use_count() > 1) make_room();
  if (end_ == piece_.capacity) POLARWAY_CHECK(grow());
  while (end_ < piece_.capacity && !at_end_) {
    POLARWAY_TRY(
        const std::int64_t got,
        bytes_.read({base() + end_, static_cast<std::size_t>(piece_.capacity - end_)}, stop));
    end_ += got;
    at_end_ = got == 0;
    if (bytes_.pauses()) break;
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

}  // namespace polarway
