#include "transports/sequential_stream.h"

#include <algorithm>
#include <utility>

namespace polarway {

SequentialStream::SequentialStream(std::unique_ptr<ByteStream> stored, std::string how)
    : stored_(std::move(stored)), how_(std::move(how)) {}

Result<std::int64_t> SequentialStream::read(std::span<std::uint8_t> into, std::stop_token stop) {
  if (error_) return fail(*error_);
  for (;;) {
    std::span<std::uint8_t> wanted = into;
    const std::int64_t ahead = wanted_position_ - position_;
    if (ahead > 0) {
      wanted = into.first(std::min(into.size(), static_cast<std::size_t>(ahead)));
    }
    Result<std::int64_t> made = produce(wanted, stop);
    if (!made) {
      if (!made.error().retryable()) error_ = made.error();
      return fail(std::move(made.error()));
    }
    position_ += *made;
    if (ahead <= 0) {
      wanted_position_ = position_;
      return *made;
    }
    if (*made == 0) {
      error_ = SourceError{.kind = ErrorKind::Changed,
                           .where = {.location = location(), .byte_offset = position_},
                           .message = "it ends before the position to go on from",
                           .hint = "start again from its first row"};
      return fail(*error_);
    }
  }
}

Result<void> SequentialStream::seek(std::int64_t offset) {
  if (offset < position_ || error_) {
    const std::int64_t counted = bytes_read();
    POLARWAY_CHECK(stored_->seek(0));
    counted_ = counted;
    if (stored_->random_access()) read_again_ = stored_->bytes_read();
    stored_position_ = 0;
    position_ = 0;
    error_.reset();
    start_over();
  }
  wanted_position_ = offset;
  return {};
}

std::string SequentialStream::identity() const {
  const std::string stored = stored_->identity();
  return stored.empty() ? stored : stored + "+" + how_;
}

std::int64_t SequentialStream::bytes_read() const {
  return std::max(counted_.load(), stored_->bytes_read() - read_again_.load());
}

Result<std::int64_t> SequentialStream::read_stored(std::span<std::uint8_t> into,
                                                   const std::stop_token& stop) {
  POLARWAY_TRY(const std::int64_t got, stored_->read(into, stop));
  stored_position_ += got;
  return got;
}

SourceError SequentialStream::damage(std::string message, std::string hint) const {
  return {.kind = ErrorKind::Parse,
          .where = {.location = location()},
          .message = std::move(message),
          .hint = std::move(hint)};
}

SourceError SequentialStream::cancelled() const {
  return {.kind = ErrorKind::Cancelled, .where = {.location = location()}, .message = "stopped"};
}

}  // namespace polarway
