#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace polarway {

/// A part of a file mapped into memory, and moved along as the file is read. Where the window has
/// been is unmapped, so that at most kBytes of the file are resident.
///
/// A page that the file does not have any more is a copy that fails: see copy_guarded(). The
/// mapping never leaves this class.
///
/// Threads: one at a time; different windows are independent.
class MappedWindow {
 public:
  static constexpr std::int64_t kBytes = 4 << 20;

  MappedWindow() = default;
  MappedWindow(const MappedWindow&) = delete;
  MappedWindow& operator=(const MappedWindow&) = delete;
  ~MappedWindow();

  /// Copies from `offset` of the file `fd` of `file_bytes`, as much as the window there has, at
  /// least one byte. -1 with errno when it cannot be mapped; 0 when the pages are not there.
  std::int64_t copy(int fd, std::int64_t file_bytes, std::int64_t offset,
                    std::span<std::uint8_t> into);

 private:
  void unmap();

  std::uint8_t* start_ = nullptr;
  std::int64_t offset_ = 0;  // in the file
  std::int64_t size_ = 0;
};

}  // namespace polarway
