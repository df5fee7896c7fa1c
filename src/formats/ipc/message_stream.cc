#include "formats/ipc/message_stream.h"

#include <arrow/buffer.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/arrow_status.h"

namespace polarway::ipc {
namespace {

constexpr std::uint32_t kContinues = 0xFFFFFFFF;  // begins messages since 0.15
constexpr std::int64_t kMetadataCopies = 3;       // as they stand, and what is made of them
constexpr std::int64_t kMinMetadataBytes = 64 << 10;

}  // namespace

MessageStream::MessageStream(std::unique_ptr<ByteStream> bytes,
                             std::shared_ptr<MemoryBudget> budget)
    : bytes_(std::move(bytes)), budget_(std::move(budget)) {}

tl::unexpected<SourceError> MessageStream::wrong(std::string message) const {
  return fail({.kind = ErrorKind::Parse,
               .where = {.location = bytes_->location(), .byte_offset = offset_},
               .message = std::move(message),
               .hint = "it was not written or copied whole: get it again"});
}

std::optional<std::int64_t> MessageStream::size() const {
  return bytes_->random_access() ? bytes_->size_bytes() : std::nullopt;
}

Result<std::int64_t> MessageStream::peek(std::span<std::uint8_t, 8> into) {
  POLARWAY_TRY(num_peeked_, read_some(peeked_));
  offset_ = 0;
  std::copy(peeked_.begin(), peeked_.end(), into.begin());
  if (size()) {
    POLARWAY_CHECK(bytes_->seek(0));
    return std::exchange(num_peeked_, 0);
  }
  return num_peeked_;
}

Result<std::int64_t> MessageStream::read_some(std::span<std::uint8_t> into) {
  std::size_t done = 0;
  for (; offset_ < num_peeked_ && done < into.size(); ++done, ++offset_) {
    into[done] = peeked_[static_cast<std::size_t>(offset_)];
  }
  while (done < into.size()) {
    POLARWAY_TRY(const std::int64_t got, bytes_->read(into.subspan(done), stop_));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
    offset_ += got;
  }
  return static_cast<std::int64_t>(done);
}

Result<void> MessageStream::read(std::span<std::uint8_t> into) {
  POLARWAY_TRY(const std::int64_t got, read_some(into));
  if (got == static_cast<std::int64_t>(into.size())) return {};
  return wrong(fmt::format("the data are truncated: {} bytes are missing",
                           static_cast<std::int64_t>(into.size()) - got));
}

Result<void> MessageStream::go_to(std::int64_t offset) {
  if (offset == offset_) return {};
  if (const std::optional<std::int64_t> whole = size()) {
    if (offset > *whole) {
      return wrong(fmt::format("the data are truncated: {} bytes are missing", offset - *whole));
    }
    POLARWAY_CHECK(bytes_->seek(offset));
    offset_ = offset;
    return {};
  }
  if (offset < offset_) return wrong("parts overlap that should follow each other");
  std::array<std::uint8_t, 16 << 10> skipped;
  while (offset_ < offset) {
    const auto part = std::min<std::int64_t>(offset - offset_, skipped.size());
    POLARWAY_CHECK(read(std::span(skipped).first(static_cast<std::size_t>(part))));
  }
  return {};
}

Result<std::optional<MessageMetadata>> MessageStream::next() {
  std::array<std::uint8_t, 4> prefix{};
  std::uint32_t length = 0;
  POLARWAY_TRY(const std::int64_t got, read_some(prefix));
  if (got == 0) return std::nullopt;
  if (got < static_cast<std::int64_t>(prefix.size())) {
    return wrong("the data are truncated in the middle of a length");
  }
  std::memcpy(&length, prefix.data(), sizeof(length));
  if (length == kContinues) {
    POLARWAY_CHECK(read(prefix));
    std::memcpy(&length, prefix.data(), sizeof(length));
  }
  if (length == 0) return std::nullopt;
  const auto bytes = static_cast<std::int64_t>(length);
  const std::optional<std::int64_t> whole = size();
  if (length > INT32_MAX || (whole && bytes > *whole - offset_)) {
    return wrong(fmt::format("here should begin a message, and it would be {} bytes long", length));
  }
  const std::int64_t needed = std::max(kMinMetadataBytes, kMetadataCopies * bytes);
  if (!lease_) {
    POLARWAY_TRY(lease_, budget_->reserve(needed, LeaseHolder::Reader));
  } else if (needed > lease_.bytes()) {
    POLARWAY_CHECK(lease_.grow(needed - lease_.bytes()));
  }
  // Not the buffer of the message before: a schema may still be looking at that.
  POLARWAY_TRY(auto buffer,
               from_arrow(arrow::AllocateResizableBuffer(bytes, budget_->arrow_pool())));
  metadata_ = std::move(buffer);
  const std::span<std::uint8_t> raw(metadata_->mutable_data(), static_cast<std::size_t>(bytes));
  POLARWAY_CHECK(read(raw));
  Result<MessageMetadata> parsed = parse_message(raw);
  if (!parsed) {
    parsed.error().where = {.location = bytes_->location(), .byte_offset = offset_ - bytes};
    return fail(std::move(parsed.error()));
  }
  if (whole && parsed->body_bytes > *whole - offset_) {
    return wrong(fmt::format("the data are truncated: {} bytes are missing",
                             parsed->body_bytes - (*whole - offset_)));
  }
  return *std::move(parsed);
}

}  // namespace polarway::ipc
