#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace polarway {

/// Copies out of a mapping of a file. False when a page of it is not there: somebody made the file
/// shorter, or the disk cannot give it. Thread-safe.
///
/// Such a page comes as SIGBUS. A handler, installed once for the process, catches that for our
/// copies and for guarded ranges; any other it leaves to the handler that was there before it.
bool copy_guarded(std::uint8_t* to, const std::uint8_t* from, std::size_t size);

/// A mapping of a file that others read without knowing: from the first page that is not there to
/// its end, it becomes zeros, and remembers that. The mapping outlives the guard.
///
/// Threads: has_lost_pages() may be called from any.
class GuardedRange {
 public:
  /// There is room for a few hundred at a time; false where they are in use.
  bool guard(const void* begin, std::size_t size);
  GuardedRange() = default;
  GuardedRange(const GuardedRange&) = delete;
  GuardedRange& operator=(const GuardedRange&) = delete;
  ~GuardedRange();

  bool has_lost_pages() const;

 private:
  int slot_ = -1;
};

}  // namespace polarway
