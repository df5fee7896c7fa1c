#pragma once

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>

#include "core/byte_stream.h"

namespace polarway::testing {

/// Bytes in memory that come in pieces of at most `cut` bytes, and may fail at the n-th read.
class MemoryStream final : public ByteStream {
 public:
  struct Faults {
    int fail_read = -1;  ///< The read, counted from 0, that fails once.
    ErrorKind kind = ErrorKind::Network;
  };

  explicit MemoryStream(std::string bytes, std::size_t cut = std::string::npos,
                        bool can_seek = true)
      : MemoryStream(std::move(bytes), cut, can_seek, Faults{}) {}
  MemoryStream(std::string bytes, std::size_t cut, bool can_seek, Faults faults)
      : bytes_(std::move(bytes)), cut_(cut), seekable_(can_seek), faults_(faults) {}

  Result<std::int64_t> read(std::span<std::uint8_t> into, std::stop_token) override {
    POLARWAY_TRY(const std::int64_t size, read_at(static_cast<std::int64_t>(offset_), into));
    offset_ += static_cast<std::size_t>(size);
    return size;
  }
  Result<void> seek(std::int64_t offset) override {
    offset_ = static_cast<std::size_t>(offset);
    return {};
  }
  bool seekable() const override { return seekable_; }
  bool reads_anywhere() const override { return seekable_; }
  Result<std::int64_t> read_at(std::int64_t offset, std::span<std::uint8_t> into) override {
    if (num_reads_++ == faults_.fail_read) {
      return fail(
          {.kind = faults_.kind, .where = {}, .message = "injected", .hint = {}, .memory = {}});
    }
    const auto from = std::min(static_cast<std::size_t>(offset), bytes_.size());
    const std::size_t size = std::min({into.size(), cut_, bytes_.size() - from});
    std::memcpy(into.data(), bytes_.data() + from, size);
    read_ += static_cast<std::int64_t>(size);
    return static_cast<std::int64_t>(size);
  }
  std::optional<std::int64_t> size_bytes() const override {
    if (!seekable_) return std::nullopt;
    return static_cast<std::int64_t>(bytes_.size());
  }
  std::string identity() const override { return std::to_string(bytes_.size()); }
  const std::string& location() const override { return location_; }
  std::int64_t bytes_read() const override { return read_; }
  int num_reads() const { return num_reads_; }

 private:
  std::string bytes_;
  std::string location_ = "memory.csv";
  std::size_t cut_;
  bool seekable_;
  Faults faults_;
  std::size_t offset_ = 0;
  std::atomic<std::int64_t> read_ = 0;
  std::atomic<int> num_reads_ = 0;
};

}  // namespace polarway::testing
