#pragma once

#include <atomic>
#include <memory>

#include "core/byte_stream.h"

namespace polarway {

/// Bytes that are made of another stream's, in order from its start on: decompressed, or of another
/// encoding. Positions are those of the bytes made. Going back starts over, and going forward makes
/// what is between, so it is seekable where the other stream is, but has no random access.
class SequentialStream : public ByteStream {
 public:
  Result<std::int64_t> read(std::span<std::uint8_t> into, std::stop_token stop) final;
  Result<void> seek(std::int64_t offset) final;
  bool seekable() const final { return stored_->seekable(); }
  bool random_access() const final { return false; }
  std::optional<std::int64_t> size_bytes() const final { return stored_->size_bytes(); }
  std::string identity() const final;
  const std::string& location() const final { return stored_->location(); }
  /// Of the other stream's, each once, however often it was read.
  std::int64_t bytes_read() const final;

 protected:
  /// `how` tells bytes made one way from those made another way: positions of one are none of the
  /// other.
  SequentialStream(std::unique_ptr<ByteStream> stored, std::string how);

  /// The next bytes, as read() has them. After a retryable error it goes on.
  virtual Result<std::int64_t> produce(std::span<std::uint8_t> into,
                                       const std::stop_token& stop) = 0;
  /// The other stream is at its start again.
  virtual void start_over() = 0;

  /// Reads the other stream.
  Result<std::int64_t> read_stored(std::span<std::uint8_t> into, const std::stop_token& stop);
  /// The other stream's position.
  std::int64_t stored_position() const { return stored_position_; }
  /// Bytes made since the start.
  std::int64_t position() const { return position_; }

  /// An error of the bytes, which repeats until seek().
  SourceError damage(std::string message, std::string hint) const;
  /// A stop that was asked for.
  SourceError cancelled() const;

 private:
  std::unique_ptr<ByteStream> stored_;
  std::string how_;
  std::int64_t stored_position_ = 0;
  std::int64_t position_ = 0;
  std::int64_t wanted_position_ = 0;         // ahead of position_ after a seek()
  std::optional<SourceError> error_;         // the final one
  std::atomic<std::int64_t> counted_{0};     // bytes_read() when it last started over
  std::atomic<std::int64_t> read_again_{0};  // of the other stream's
};

}  // namespace polarway
