#include "core/counting_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

namespace polarway {
namespace {

constexpr std::int64_t kPage = 4 << 10;
constexpr std::int64_t kMaxKept = 256 << 20;
constexpr std::int64_t kMaxKeptShare = 4;  // of the ceiling: a quarter
constexpr std::size_t kMaxKeptBlocks = 256;

// Arrow wants a non-null address even for nothing.
alignas(64) std::uint8_t zero_size_area[64];

bool is_large(std::int64_t size) { return size >= CountingPool::kLargeBlock; }

std::uint8_t* map(std::int64_t bytes) {
  void* data = ::mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return data == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(data);
}

// Moves a mapping to another size; null, and nothing moved, when the system has no memory.
std::uint8_t* remap(std::uint8_t* data, std::int64_t old_bytes, std::int64_t new_bytes) {
#ifdef __SANITIZE_THREAD__
  // ThreadSanitizer does not know mremap(): an address that one thread moved away from and another
  // moved to looks to it like memory that they share.
  std::uint8_t* moved = map(new_bytes);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, data, static_cast<std::size_t>(std::min(old_bytes, new_bytes)));
  ::munmap(data, static_cast<std::size_t>(old_bytes));
  return moved;
#else
  void* moved = ::mremap(data, static_cast<std::size_t>(old_bytes),
                         static_cast<std::size_t>(new_bytes), MREMAP_MAYMOVE);
  return moved == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(moved);
#endif
}

arrow::Status out_of_memory(std::int64_t size) {
  return arrow::Status::OutOfMemory("the system has no ", size, " bytes");
}

}  // namespace

CountingPool::CountingPool() { kept_blocks_.reserve(kMaxKeptBlocks + 1); }
// `too_much` is asked with the mutex held, and only while something is kept.
template <class Condition>
void CountingPool::unmap_oldest_while(Condition too_much) {
  for (;;) {
    Block oldest{};
    {
      std::lock_guard lock(mutex_);
      if (kept_blocks_.empty() || !too_much()) return;
      oldest = kept_blocks_.front();
      kept_blocks_.erase(kept_blocks_.begin());
      kept_.fetch_sub(oldest.bytes, std::memory_order_relaxed);
    }
    ::munmap(oldest.data, static_cast<std::size_t>(oldest.bytes));
  }
}

CountingPool::~CountingPool() { ReleaseUnused(); }

std::int64_t CountingPool::block_size(std::int64_t size) {
  if (!is_large(size)) return size;
  // Whole pages, and steps of 1/64 of the power of two below: of a larger block, 1.6 % at most.
  const int log = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(size))) - 1;
  const std::int64_t step = std::max(kPage, std::int64_t{1} << (log - 6));
  return (size + step - 1) / step * step;
}

std::uint8_t* CountingPool::take_kept(std::int64_t bytes) {
  Block block{};
  {
    std::lock_guard lock(mutex_);
    std::int64_t nearest = bytes / 8 + 1;
    std::size_t found = kept_blocks_.size();
    for (std::size_t i = kept_blocks_.size(); i-- > 0 && nearest > 0;) {
      const std::int64_t distance = std::abs(kept_blocks_[i].bytes - bytes);
      if (distance >= nearest) continue;
      nearest = distance;
      found = i;
    }
    if (found == kept_blocks_.size()) return nullptr;
    block = kept_blocks_[found];
    if (bytes > block.bytes && bytes_allocated() + bytes_kept() + bytes - block.bytes >
                                   ceiling_.load(std::memory_order_relaxed)) {
      return nullptr;
    }
    kept_blocks_.erase(kept_blocks_.begin() + static_cast<std::ptrdiff_t>(found));
    kept_.fetch_sub(block.bytes, std::memory_order_relaxed);
  }
  if (block.bytes == bytes) return block.data;
  std::uint8_t* const data = remap(block.data, block.bytes, bytes);
  if (data == nullptr) ::munmap(block.data, static_cast<std::size_t>(block.bytes));
  return data;
}

void CountingPool::count(std::int64_t bytes) {
  const std::int64_t live = live_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  if (bytes > 0) {
    total_.fetch_add(bytes, std::memory_order_relaxed);
    num_allocations_.fetch_add(1, std::memory_order_relaxed);
    std::int64_t max = max_live_.load(std::memory_order_relaxed);
    while (live > max && !max_live_.compare_exchange_weak(max, live, std::memory_order_relaxed)) {
    }
  }
}

arrow::Status CountingPool::Allocate(std::int64_t size, std::int64_t alignment,
                                     std::uint8_t** out) {
  if (size < 0) return arrow::Status::Invalid("negative allocation size");
  if (size == 0) {
    *out = zero_size_area;
    return arrow::Status::OK();
  }
  if (admit_ && !admit_(size)) return out_of_memory(size);
  if (!is_large(size)) {
    void* data = nullptr;
    const auto align = static_cast<std::size_t>(std::max<std::int64_t>(alignment, 64));
    if (::posix_memalign(&data, align, static_cast<std::size_t>(size)) != 0) {
      return out_of_memory(size);
    }
    *out = static_cast<std::uint8_t*>(data);
    count(size);
    return arrow::Status::OK();
  }
  const std::int64_t bytes = block_size(size);
  *out = take_kept(bytes);
  if (*out != nullptr) {
    count(bytes);
    return arrow::Status::OK();
  }
  if (bytes_allocated() + bytes_kept() + bytes > ceiling_.load(std::memory_order_relaxed)) {
    ReleaseUnused();
  }
  *out = map(bytes);
  if (*out == nullptr) {
    ReleaseUnused();
    *out = map(bytes);
  }
  if (*out == nullptr) return out_of_memory(size);
  count(bytes);
  return arrow::Status::OK();
}

arrow::Status CountingPool::Reallocate(std::int64_t old_size, std::int64_t new_size,
                                       std::int64_t alignment, std::uint8_t** ptr) {
  if (old_size == new_size) return arrow::Status::OK();
  // What gets much smaller is copied: its block is worth more whole.
  if (is_large(old_size) && is_large(new_size) && new_size >= old_size - old_size / 8) {
    const std::int64_t old_bytes = block_size(old_size);
    const std::int64_t new_bytes = block_size(new_size);
    if (old_bytes == new_bytes) return arrow::Status::OK();
    if (new_bytes > old_bytes && bytes_allocated() + bytes_kept() + new_bytes - old_bytes >
                                     ceiling_.load(std::memory_order_relaxed)) {
      ReleaseUnused();
    }
    if (admit_ && new_bytes > old_bytes && !admit_(new_size)) return out_of_memory(new_size);
    // A copy into memory that is there costs less than the first touch of what is not.
    std::uint8_t* moved = new_bytes > old_bytes ? take_kept(new_bytes) : nullptr;
    if (moved != nullptr) {
      std::memcpy(moved, *ptr, static_cast<std::size_t>(old_size));
      count(new_bytes);
      Free(*ptr, old_size, alignment);
    } else {
      moved = remap(*ptr, old_bytes, new_bytes);
      if (moved == nullptr) return out_of_memory(new_size);
      count(new_bytes - old_bytes);
    }
    *ptr = moved;
    return arrow::Status::OK();
  }
  std::uint8_t* moved = nullptr;
  ARROW_RETURN_NOT_OK(Allocate(new_size, alignment, &moved));
  std::memcpy(moved, *ptr, static_cast<std::size_t>(std::min(old_size, new_size)));
  Free(*ptr, old_size, alignment);
  *ptr = moved;
  return arrow::Status::OK();
}

void CountingPool::Free(std::uint8_t* buffer, std::int64_t size, std::int64_t /*alignment*/) {
  if (size == 0) return;
  if (!is_large(size)) {
    std::free(buffer);
    count(-size);
    return;
  }
  const std::int64_t bytes = block_size(size);
  count(-bytes);
  bool keeps = false;
  {
    // Buffers are freed in destructors, so nothing here may ask for memory.
    std::lock_guard lock(mutex_);
    keeps = kept_blocks_.size() < kept_blocks_.capacity();
    if (keeps) {
      kept_blocks_.push_back({buffer, bytes, age_});
      kept_.fetch_add(bytes, std::memory_order_relaxed);
    }
  }
  if (!keeps) ::munmap(buffer, static_cast<std::size_t>(bytes));
  // The newest blocks are the likeliest to be asked for, so the oldest make room.
  const std::int64_t ceiling = ceiling_.load(std::memory_order_relaxed);
  const std::int64_t most =
      std::min({kMaxKept, ceiling / kMaxKeptShare, ceiling - bytes_allocated()});
  unmap_oldest_while([&] { return bytes_kept() > most || kept_blocks_.size() > kMaxKeptBlocks; });
}

void CountingPool::age() {
  std::int64_t expired = 0;  // blocks kept at this age or before
  {
    std::lock_guard lock(mutex_);
    expired = ++age_ - kAges;
  }
  unmap_oldest_while([&] { return kept_blocks_.front().kept_at <= expired; });
}

void CountingPool::ReleaseUnused() {
  unmap_oldest_while([] { return true; });
}

}  // namespace polarway
