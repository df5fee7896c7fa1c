#pragma once

#include <array>
#include <memory>

#include "core/byte_stream.h"

namespace polarway {

/// A stream whose first bytes have been looked at already, and are read all the same, also where
/// there is no way back to them.
class PeekedStream final : public ByteStream {
 public:
  static constexpr std::size_t kMostBytes = 64;

  /// Reads the first kMostBytes of `stream`, or all there are.
  static Result<std::unique_ptr<PeekedStream>> open(std::unique_ptr<ByteStream> stream,
                                                    const std::stop_token& stop);

  /// The bytes looked at.
  std::span<const std::uint8_t> first_bytes() const { return {first_.data(), num_first_}; }
  /// From now on, errors have something more to say about the place: "a.gz (which is not gzip)".
  void annotate_location(const std::string& note);
  /// The stream itself, at its start, where it has random access; else this one.
  static Result<std::unique_ptr<ByteStream>> unwrap(std::unique_ptr<PeekedStream> peeked);

  Result<std::int64_t> read(std::span<std::uint8_t> into, std::stop_token stop) override;
  Result<void> seek(std::int64_t offset) override;
  bool seekable() const override { return stream_->seekable(); }
  bool random_access() const override { return stream_->random_access(); }
  std::optional<std::int64_t> size_bytes() const override { return stream_->size_bytes(); }
  std::string identity() const override { return stream_->identity(); }
  const std::string& location() const override { return location_; }
  std::int64_t bytes_read() const override { return stream_->bytes_read(); }

 private:
  explicit PeekedStream(std::unique_ptr<ByteStream> stream);

  std::unique_ptr<ByteStream> stream_;
  std::string location_;
  std::array<std::uint8_t, kMostBytes> first_{};
  std::size_t num_first_ = 0;
  std::size_t num_given_ = 0;  // of them
};

}  // namespace polarway
