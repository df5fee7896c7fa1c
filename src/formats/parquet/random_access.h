#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>

#include "core/byte_stream.h"
#include "polarway/result.h"

namespace polarway::pq {

/// The bytes of a file from any place, for several threads: a column is read here while another is
/// read there.
///
/// Threads: any.
class RandomAccess {
 public:
  explicit RandomAccess(std::unique_ptr<ByteStream> bytes) : bytes_(std::move(bytes)) {}

  /// Fills `into` with the bytes from `offset` on. Parse error where there are fewer.
  Result<void> read_at(std::int64_t offset, std::span<std::uint8_t> into, std::stop_token stop);

  /// What does not change while the file is read.
  const ByteStream& bytes() const { return *bytes_; }
  std::int64_t size() const { return bytes_->size_bytes().value_or(0); }

 private:
  std::mutex mutex_;
  std::unique_ptr<ByteStream> bytes_;  // its place is the mutex's
};

}  // namespace polarway::pq
