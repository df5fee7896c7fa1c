#include "transports/mapped_window.h"

#include <sys/mman.h>

#include <algorithm>

#include "transports/bus_error.h"

namespace polarway {

MappedWindow::~MappedWindow() { unmap(); }

void MappedWindow::unmap() {
  if (start_ != nullptr) ::munmap(start_, static_cast<std::size_t>(size_));
  start_ = nullptr;
}

std::int64_t MappedWindow::copy(int fd, std::int64_t file_bytes, std::int64_t offset,
                                std::span<std::uint8_t> into) {
  if (start_ == nullptr || offset < offset_ || offset >= offset_ + size_) {
    unmap();
    offset_ = offset / kBytes * kBytes;
    size_ = std::min(kBytes, file_bytes - offset_);
    void* mapped =
        ::mmap(nullptr, static_cast<std::size_t>(size_), PROT_READ, MAP_SHARED, fd, offset_);
    if (mapped == MAP_FAILED) return -1;
    start_ = static_cast<std::uint8_t*>(mapped);
    ::madvise(start_, static_cast<std::size_t>(size_), MADV_SEQUENTIAL);
  }
  const auto copied = std::min(static_cast<std::int64_t>(into.size()), offset_ + size_ - offset);
  return copy_guarded(into.data(), start_ + (offset - offset_), static_cast<std::size_t>(copied))
             ? copied
             : 0;
}

}  // namespace polarway
