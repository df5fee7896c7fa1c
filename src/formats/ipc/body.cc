#include "formats/ipc/body.h"

#include <arrow/buffer.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/arrow_status.h"
#include "core/counting_pool.h"

namespace polarway::ipc {
namespace {

class FileBody final : public Body {
 public:
  FileBody(MessageStream& stream, std::int64_t body_offset, std::vector<BufferPlace> places)
      : stream_(stream), body_offset_(body_offset), places_(std::move(places)) {}

  std::int64_t size(std::size_t buffer) const override { return places_[buffer].length; }
  Result<void> copy(std::size_t buffer, std::int64_t offset,
                    std::span<std::uint8_t> into) override {
    POLARWAY_CHECK(stream_.go_to(body_offset_ + places_[buffer].offset + offset));
    return stream_.read(into);
  }
  std::shared_ptr<arrow::Buffer> share(std::size_t, std::int64_t, std::int64_t,
                                       std::int64_t) override {
    return nullptr;
  }

 private:
  MessageStream& stream_;
  std::int64_t body_offset_;
  std::vector<BufferPlace> places_;
};

class MapBody final : public Body {
 public:
  MapBody(std::shared_ptr<FileMap> map, std::int64_t body_offset, std::vector<BufferPlace> places)
      : map_(std::move(map)), body_offset_(body_offset), places_(std::move(places)) {}

  std::int64_t size(std::size_t buffer) const override { return places_[buffer].length; }
  Result<void> copy(std::size_t buffer, std::int64_t offset,
                    std::span<std::uint8_t> into) override {
    map_->copy(body_offset_ + places_[buffer].offset + offset, into);
    return {};
  }
  std::shared_ptr<arrow::Buffer> share(std::size_t buffer, std::int64_t offset, std::int64_t length,
                                       std::int64_t alignment) override {
    const std::int64_t from = body_offset_ + places_[buffer].offset + offset;
    return from % alignment == 0 ? map_->share(from, length) : nullptr;
  }
  bool shares_file() const override { return true; }

 private:
  std::shared_ptr<FileMap> map_;
  std::int64_t body_offset_;
  std::vector<BufferPlace> places_;
};

class LoadedBody final : public Body {
 public:
  LoadedBody(std::vector<std::shared_ptr<arrow::Buffer>> buffers, MemoryLease lease)
      : lease_(std::move(lease)), buffers_(std::move(buffers)) {}

  std::int64_t size(std::size_t buffer) const override {
    return buffers_[buffer] ? buffers_[buffer]->size() : 0;
  }
  Result<void> copy(std::size_t buffer, std::int64_t offset,
                    std::span<std::uint8_t> into) override {
    std::memcpy(into.data(), buffers_[buffer]->data() + offset, into.size());
    return {};
  }
  // Only what is wanted whole, or a small part would keep all of it in memory.
  std::shared_ptr<arrow::Buffer> share(std::size_t buffer, std::int64_t offset, std::int64_t length,
                                       std::int64_t) override {
    constexpr std::int64_t kPadding = 64;
    const auto& whole = buffers_[buffer];
    if (offset != 0 || !whole || whole->size() - length >= kPadding) return nullptr;
    return whole->size() == length ? whole : arrow::SliceBuffer(whole, 0, length);
  }

 private:
  MemoryLease lease_;  // outlives the buffers
  std::vector<std::shared_ptr<arrow::Buffer>> buffers_;
};

// Reads the buffers of one body, in the order in which they lie there.
class Loader {
 public:
  Loader(MessageStream& stream, const MessageMetadata& message,
         const std::shared_ptr<MemoryBudget>& budget)
      : stream_(stream),
        codec_kind_(message.batch.codec),
        budget_(budget),
        body_begin_(stream.offset()) {}

  Result<void> start() {
    if (codec_kind_ == BodyCodec::None) return {};
    const auto type =
        codec_kind_ == BodyCodec::Lz4 ? arrow::Compression::LZ4_FRAME : arrow::Compression::ZSTD;
    POLARWAY_TRY(codec_, from_arrow(arrow::util::Codec::Create(type)));
    return {};
  }

  // Pays for all at once, where it can be known before.
  Result<void> pay_for(const std::vector<BufferPlace>& places,
                       const std::vector<std::size_t>& wanted) {
    std::int64_t total = 0;
    std::int64_t largest_packed = 0;
    for (const std::size_t i : wanted) {
      POLARWAY_TRY(const Sizes sizes, find_sizes(places[i]));
      total += CountingPool::block_size(sizes.bytes);
      if (sizes.is_packed) largest_packed = std::max(largest_packed, sizes.stored);
    }
    return pay(total + CountingPool::block_size(largest_packed));
  }

  Result<std::shared_ptr<arrow::Buffer>> load(const BufferPlace& place) {
    POLARWAY_TRY(const Sizes sizes, find_sizes(place));
    if (sizes.bytes == 0) return nullptr;
    return sizes.is_packed ? decompress(sizes) : read(sizes.stored);
  }

  MemoryLease take_lease() {
    used_ -= CountingPool::block_size(packed_bytes_);
    packed_.reset();
    lease_.shrink_to(used_);
    return std::move(lease_);
  }

 private:
  static constexpr std::int64_t kNotCompressed = -1;
  struct Sizes {
    std::int64_t stored = 0;  // less the eight bytes that say the size
    std::int64_t bytes = 0;
    bool is_packed = false;
  };

  // Leaves the stream where the buffer's bytes begin.
  Result<Sizes> find_sizes(const BufferPlace& place) {
    POLARWAY_CHECK(stream_.go_to(body_begin_ + place.offset));
    if (!codec_) return Sizes{place.length, place.length, false};
    std::int64_t says = 0;
    if (place.length < static_cast<std::int64_t>(sizeof(says))) return wrong("is too short");
    std::array<std::uint8_t, sizeof(says)> prefix{};
    POLARWAY_CHECK(stream_.read(prefix));
    std::memcpy(&says, prefix.data(), sizeof(says));
    const std::int64_t stored = place.length - static_cast<std::int64_t>(sizeof(says));
    if (says == kNotCompressed) return Sizes{stored, stored, false};
    if (says < 0 || says / most_expansion() > stored) {
      return wrong(fmt::format("says that its {} bytes are {}", stored, says));
    }
    return Sizes{stored, says, true};
  }

  // What the codec cannot do, a buffer cannot say: a block of 128 KiB takes zstd four bytes, and a
  // byte repeated 255 times LZ4 one.
  std::int64_t most_expansion() const { return codec_kind_ == BodyCodec::Zstd ? 128 << 8 : 256; }

  tl::unexpected<SourceError> wrong(const std::string& what) const {
    return fail({.kind = ErrorKind::Parse,
                 .where = {.location = stream_.bytes().location(), .byte_offset = stream_.offset()},
                 .message = "a compressed buffer " + what,
                 .hint = "it was not written or copied whole: get it again"});
  }

  Result<std::unique_ptr<arrow::Buffer>> allocate(std::int64_t bytes) {
    used_ += CountingPool::block_size(bytes);
    POLARWAY_CHECK(pay(used_));
    return from_arrow(arrow::AllocateBuffer(bytes, budget_->arrow_pool()));
  }

  Result<void> pay(std::int64_t bytes) {
    if (bytes <= lease_.bytes()) return {};
    if (lease_) return lease_.grow(bytes - lease_.bytes());
    POLARWAY_TRY(lease_, budget_->reserve(bytes, LeaseHolder::Reader));
    return {};
  }

  Result<std::shared_ptr<arrow::Buffer>> read(std::int64_t bytes) {
    POLARWAY_TRY(std::unique_ptr<arrow::Buffer> buffer, allocate(bytes));
    POLARWAY_CHECK(stream_.read({buffer->mutable_data(), static_cast<std::size_t>(bytes)}));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

  Result<std::shared_ptr<arrow::Buffer>> decompress(const Sizes& sizes) {
    const std::int64_t stored = sizes.stored;
    const std::int64_t bytes = sizes.bytes;
    if (!packed_ || packed_->size() < stored) {
      used_ -= CountingPool::block_size(packed_bytes_);
      packed_.reset();
      packed_bytes_ = stored;
      POLARWAY_TRY(packed_, allocate(stored));
    }
    POLARWAY_CHECK(stream_.read({packed_->mutable_data(), static_cast<std::size_t>(stored)}));
    POLARWAY_TRY(std::unique_ptr<arrow::Buffer> buffer, allocate(bytes));
    const arrow::Result<std::int64_t> got =
        codec_->Decompress(stored, packed_->data(), bytes, buffer->mutable_data());
    if (!got.ok()) return wrong("is damaged");
    if (*got != bytes) return wrong(fmt::format("holds {} bytes and says {}", *got, bytes));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

  MessageStream& stream_;
  BodyCodec codec_kind_;
  const std::shared_ptr<MemoryBudget>& budget_;
  std::int64_t body_begin_;
  std::unique_ptr<arrow::util::Codec> codec_;
  MemoryLease lease_;
  std::int64_t used_ = 0;                  // of it
  std::unique_ptr<arrow::Buffer> packed_;  // reused
  std::int64_t packed_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Body> body_in_file(MessageStream& stream, std::int64_t body_offset,
                                   const std::vector<BufferPlace>& places) {
  return std::make_unique<FileBody>(stream, body_offset, places);
}

std::unique_ptr<Body> body_in_map(std::shared_ptr<FileMap> map, std::int64_t body_offset,
                                  const std::vector<BufferPlace>& places) {
  return std::make_unique<MapBody>(std::move(map), body_offset, places);
}

Result<std::unique_ptr<Body>> load_body(MessageStream& stream, const MessageMetadata& message,
                                        const std::vector<bool>& wanted,
                                        const std::shared_ptr<MemoryBudget>& budget) {
  const std::vector<BufferPlace>& places = message.batch.buffers;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (wanted[i] && places[i].length > 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return places[a].offset < places[b].offset;
  });
  const std::int64_t end = stream.offset() + message.body_bytes;
  Loader loader(stream, message, budget);
  POLARWAY_CHECK(loader.start());
  if (stream.size()) POLARWAY_CHECK(loader.pay_for(places, order));
  std::vector<std::shared_ptr<arrow::Buffer>> buffers(places.size());
  for (const std::size_t i : order) {
    POLARWAY_TRY(buffers[i], loader.load(places[i]));
  }
  POLARWAY_CHECK(stream.go_to(end));
  return std::make_unique<LoadedBody>(std::move(buffers), loader.take_lease());
}

}  // namespace polarway::ipc
