#include "transports/peeked_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace polarway {

PeekedStream::PeekedStream(std::unique_ptr<ByteStream> stream)
    : stream_(std::move(stream)), location_(stream_->location()) {}

Result<std::unique_ptr<PeekedStream>> PeekedStream::open(std::unique_ptr<ByteStream> stream,
                                                         const std::stop_token& stop) {
  std::unique_ptr<PeekedStream> peeked(new PeekedStream(std::move(stream)));
  while (peeked->num_first_ < kMostBytes) {
    POLARWAY_TRY(
        const std::int64_t got,
        peeked->stream_->read(std::span(peeked->first_).subspan(peeked->num_first_), stop));
    if (got == 0) break;
    peeked->num_first_ += static_cast<std::size_t>(got);
  }
  return peeked;
}

void PeekedStream::annotate_location(const std::string& note) { location_ += " (" + note + ")"; }

Result<std::unique_ptr<ByteStream>> PeekedStream::unwrap(std::unique_ptr<PeekedStream> peeked) {
  if (!peeked->random_access() || peeked->location_ != peeked->stream_->location()) return peeked;
  POLARWAY_CHECK(peeked->stream_->seek(0));
  return std::move(peeked->stream_);
}

Result<std::int64_t> PeekedStream::read(std::span<std::uint8_t> into, std::stop_token stop) {
  if (num_given_ == num_first_) return stream_->read(into, std::move(stop));
  const std::size_t given = std::min(into.size(), num_first_ - num_given_);
  std::memcpy(into.data(), first_.data() + num_given_, given);
  num_given_ += given;
  return static_cast<std::int64_t>(given);
}

Result<void> PeekedStream::seek(std::int64_t offset) {
  POLARWAY_CHECK(stream_->seek(offset));
  num_given_ = num_first_;
  return {};
}

}  // namespace polarway
