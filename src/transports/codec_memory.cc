#include "transports/codec_memory.h"

#include <arrow/memory_pool.h>

#include <cstring>

namespace polarway {
namespace {

// Before each piece: its size. As large as the alignment that the pool gives.
constexpr std::int64_t kHead = 64;

// The pool's blocks are up to an eighth larger than what is asked for, and pages are whole.
std::int64_t with_slack(std::int64_t bytes) { return bytes + bytes / 8 + (8 << 10); }

}  // namespace

Result<void> CodecMemory::pay_for(std::int64_t bytes) {
  const std::int64_t needed = used_bytes_ + with_slack(bytes);
  if (!lease_) {
    POLARWAY_TRY(lease_, budget_->reserve(needed, LeaseHolder::Reader));
  } else if (needed > lease_.bytes()) {
    POLARWAY_CHECK(lease_.grow(needed - lease_.bytes()));
  }
  return {};
}

void* CodecMemory::allocate(std::size_t bytes) noexcept {
  if (bytes > static_cast<std::size_t>(lease_.bytes())) return nullptr;
  const std::int64_t size = static_cast<std::int64_t>(bytes) + kHead;
  if (used_bytes_ + size > lease_.bytes()) return nullptr;
  std::uint8_t* memory = nullptr;
  if (!budget_->arrow_pool()->Allocate(size, &memory).ok()) return nullptr;
  used_bytes_ += size;
  std::memcpy(memory, &size, sizeof size);
  return memory + kHead;
}

void CodecMemory::free(void* memory) noexcept {
  if (memory == nullptr) return;
  std::uint8_t* start = static_cast<std::uint8_t*>(memory) - kHead;
  std::int64_t size = 0;
  std::memcpy(&size, start, sizeof size);
  used_bytes_ -= size;
  budget_->arrow_pool()->Free(start, size);
}

}  // namespace polarway
