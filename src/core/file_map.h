#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>

#include "polarway/result.h"

namespace polarway {

/// A file as memory, read in place. Threads: any. Ranges lie within the file; the first byte is at
/// the beginning of a page.
///
/// Where the file does not have a page any more, because somebody made it shorter, or the disk
/// cannot give it, the page reads as zeros: check() tells, and what was seen is void.
class FileMap {
 public:
  virtual ~FileMap() = default;

  /// A part of it, which keeps the map alive, and gives its pages back when it dies. It is a
  /// PaidBuffer: clean pages of a file are the system's.
  virtual std::shared_ptr<arrow::Buffer> share(std::int64_t offset, std::int64_t length) = 0;
  /// Copies a part, and gives its pages back if there are any worth it.
  virtual void copy(std::int64_t offset, std::span<std::uint8_t> into) = 0;
  /// Changed when the file is not what it was, or a page was missing.
  virtual Result<void> check() const = 0;
  /// Shared and copied so far.
  virtual std::int64_t bytes_read() const = 0;
};

}  // namespace polarway
