#include "formats/parquet/page_reader.h"

#include <arrow/buffer.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>
#include <isa-l/crc.h>
#include <parquet/types.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/arrow_status.h"
#include "core/counting_pool.h"
#include "core/format_bytes.h"
#include "formats/parquet/snappy.h"
#include "formats/parquet/zstd.h"

namespace polarway::pq {
namespace {

// Headers have statistics in them, which writers cut off at some length; nobody's are longer.
constexpr std::int64_t kMostHeaderBytes = 1 << 20;

constexpr std::string_view kDamaged = "it is damaged, or was not copied whole: get it again";

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<void> PageBytes::prepare(std::int64_t bytes, std::int64_t more_bytes,
                                std::int64_t scratch_bytes, MemoryBudget& budget) {
  const std::int64_t room = bytes + kPadding;
  const bool is_new = !buffer_ || buffer_->capacity() < room;
  if (is_new) buffer_.reset();
  size_ = 0;
  more_bytes_ = more_bytes;
  const std::int64_t block = CountingPool::block_size(is_new ? room : buffer_->capacity());
  const std::int64_t missing = block + more_bytes + scratch_bytes - lease_.bytes();
  if (missing > 0) {
    Result<void> paid;
    if (lease_) {
      paid = lease_.grow(missing);
    } else {
      POLARWAY_TRY(lease_, budget.reserve(missing, LeaseHolder::Reader));
    }
    if (!paid) {
      release();
      return paid;
    }
  }
  if (is_new) {
    POLARWAY_TRY(buffer_, from_arrow(arrow::AllocateBuffer(room, budget.arrow_pool())));
  }
  size_ = bytes;
  std::memset(buffer_->mutable_data() + bytes, 0, static_cast<std::size_t>(kPadding));
  return {};
}

void PageBytes::settle() {
  lease_.shrink_to(CountingPool::block_size(buffer_->capacity()) + more_bytes_);
}

void PageBytes::release() {
  buffer_.reset();
  size_ = 0;
  lease_.release();
}

std::span<std::uint8_t> PageBytes::bytes() const {
  return {buffer_->mutable_data(), static_cast<std::size_t>(size_)};
}

PageReader::PageReader(RandomAccess& file, std::string column,
                       const std::shared_ptr<MemoryBudget>& budget, std::stop_token stop)
    : file_(file), column_(std::move(column)), budget_(budget), stop_(std::move(stop)) {}

PageReader::~PageReader() = default;

SourceError PageReader::error(ErrorKind kind, std::string message, std::string hint) const {
  return {.kind = kind,
          .where = {.location = file_.bytes().location(), .column = column_},
          .message = fmt::format("row group {}: {}", chunk_.row_group, message),
          .hint = std::move(hint)};
}

SourceError PageReader::malformed(std::string message) const {
  SourceError made = error(ErrorKind::Parse, std::move(message), std::string(kDamaged));
  made.where.byte_offset = offset_;
  return made;
}

SourceError PageReader::too_large(const PageHeader& header, SourceError refused) const {
  SourceError made = error(ErrorKind::MemoryLimit,
                           fmt::format("its page at byte {} takes {}, and there is no room for it",
                                       offset_, format_bytes(header.bytes)),
                           "raise the memory limit, or have the file written with smaller pages");
  made.memory = std::move(refused.memory);
  return made;
}

Result<void> PageReader::start(const ColumnChunk& chunk, std::int64_t offset) {
  if (!codec_ || codec_type_ != chunk.codec || chunk.codec == arrow::Compression::UNCOMPRESSED) {
    codec_.reset();
    codec_type_ = chunk.codec;
    if (chunk.codec != arrow::Compression::UNCOMPRESSED) {
      auto made = arrow::util::Codec::Create(chunk.codec);
      if (!made.ok()) {
        chunk_ = chunk;
        return fail(error(ErrorKind::UnsupportedOperation,
                          fmt::format("it is compressed with {}, which is not read",
                                      arrow::util::Codec::GetCodecAsString(chunk.codec)),
                          "leave the column out, or have it written with zstd or snappy"));
      }
      codec_ = std::move(*made);
    }
  }
  chunk_ = chunk;
  offset_ = offset;
  return {};
}

// Has `bytes` of the file in the window, from the next page on, or all that there are.
Result<void> PageReader::fill_window(std::int64_t bytes) {
  const std::int64_t wanted = std::min(bytes, chunk_.end - offset_);
  if (offset_ >= window_offset_ && offset_ + wanted <= window_offset_ + window_size_) return {};
  const std::int64_t room = std::max(kWindowBytes, bytes);
  if (!window_ || window_->size() < room) {
    window_.reset();
    window_size_ = 0;
    POLARWAY_TRY(window_, from_arrow(arrow::AllocateBuffer(room, budget_->arrow_pool())));
  }
  window_size_ = 0;
  const std::int64_t read = std::min(room, chunk_.end - offset_);
  POLARWAY_CHECK(
      file_.read_at(offset_, {window_->mutable_data(), static_cast<std::size_t>(read)}, stop_));
  window_offset_ = offset_;
  window_size_ = read;
  return {};
}

Result<PageHeader> PageReader::peek() {
  if (offset_ >= chunk_.end) {
    return fail(malformed("it has fewer pages than its number of values needs"));
  }
  for (std::int64_t bytes = std::min<std::int64_t>(kWindowBytes, 256);;
       bytes = std::max(8 * bytes, kWindowBytes)) {
    POLARWAY_CHECK(fill_window(bytes));
    const std::int64_t at = offset_ - window_offset_;
    const std::int64_t seen = window_size_ - at;
    const auto header =
        parse_page_header(as_text({window_->data() + at, static_cast<std::size_t>(seen)}));
    if (header) {
      const std::int64_t left =
          chunk_.end - offset_ - static_cast<std::int64_t>(header->header_bytes);
      if (header->stored_bytes > left) {
        return fail(
            malformed(fmt::format("the page at byte {} says that it has {} bytes, of which "
                                  "only {} are there",
                                  offset_, header->stored_bytes, left)));
      }
      return *header;
    }
    if (offset_ + seen >= chunk_.end || seen >= kMostHeaderBytes) {
      return fail(
          malformed(fmt::format("there is no page where one should be, at byte {}", offset_)));
    }
  }
}

void PageReader::skip(const PageHeader& header) {
  offset_ += static_cast<std::int64_t>(header.header_bytes) + header.stored_bytes;
  // A window that an unusual header has made large is not kept.
  if (window_ && window_->size() > kWindowBytes) window_.reset(), window_size_ = 0;
}

Result<void> PageReader::read_stored(std::int64_t offset, std::span<std::uint8_t> into) {
  const std::int64_t at = offset - window_offset_;
  const auto here = static_cast<std::size_t>(
      std::clamp<std::int64_t>(window_size_ - at, 0, static_cast<std::int64_t>(into.size())));
  if (here > 0) std::memcpy(into.data(), window_->data() + at, here);
  return file_.read_at(offset + static_cast<std::int64_t>(here), into.subspan(here), stop_);
}

Result<void> PageReader::check_crc(const PageHeader& header,
                                   std::span<const std::uint8_t> stored) const {
  if (!header.crc || *header.crc == ::crc32_gzip_refl(0, stored.data(), stored.size())) return {};
  return fail(malformed(fmt::format("the checksum of the page at byte {} is wrong", offset_)));
}

Result<void> PageReader::load(const PageHeader& header, std::int64_t more_bytes, PageBytes& page) {
  const std::int64_t begin = offset_ + static_cast<std::int64_t>(header.header_bytes);
  const bool is_plain =
      !codec_ || (header.kind == PageHeader::Kind::DataV2 && !header.is_compressed);
  if (is_plain && header.stored_bytes != header.bytes) {
    return fail(
        malformed(fmt::format("the page at byte {} is not compressed, and says of its size "
                              "both {} and {}",
                              offset_, header.stored_bytes, header.bytes)));
  }
  // Small pages lie in the window whole.
  const bool in_window =
      begin >= window_offset_ && begin + header.stored_bytes <= window_offset_ + window_size_;
  const std::int64_t stored_room =
      is_plain || in_window ? 0 : CountingPool::block_size(header.stored_bytes);
  // Brotli has a window of its own, which the page fits into.
  const std::int64_t codec_room = codec_type_ == arrow::Compression::BROTLI ? header.bytes : 0;
  Result<void> room = page.prepare(header.bytes, more_bytes, stored_room + codec_room, *budget_);
  if (!room) {
    return fail(too_large(header, std::move(room.error())));
  }
  if (is_plain) {
    POLARWAY_CHECK(read_stored(begin, page.bytes()));
    POLARWAY_CHECK(check_crc(header, page.bytes()));
  } else if (in_window) {
    const std::span<const std::uint8_t> stored(window_->data() + (begin - window_offset_),
                                               static_cast<std::size_t>(header.stored_bytes));
    POLARWAY_CHECK(check_crc(header, stored));
    POLARWAY_CHECK(decompress(header, stored, page.bytes()));
  } else {
    POLARWAY_TRY(const auto buffer,
                 from_arrow(arrow::AllocateBuffer(header.stored_bytes, budget_->arrow_pool())));
    const std::span stored(buffer->mutable_data(), static_cast<std::size_t>(header.stored_bytes));
    POLARWAY_CHECK(read_stored(begin, stored));
    POLARWAY_CHECK(check_crc(header, stored));
    POLARWAY_CHECK(decompress(header, stored, page.bytes()));
  }
  page.settle();
  skip(header);
  return {};
}

Result<void> PageReader::decompress(const PageHeader& header, std::span<const std::uint8_t> stored,
                                    std::span<std::uint8_t> page) {
  // Levels of the second version stand before the values, as they are.
  const auto levels = static_cast<std::size_t>(header.definition_bytes + header.repetition_bytes);
  if (levels > 0) std::memcpy(page.data(), stored.data(), levels);
  stored = stored.subspan(levels);
  page = page.subspan(levels);
  if (page.empty()) return {};
  const bool is_zstd = codec_type_ == arrow::Compression::ZSTD;
  if (is_zstd || codec_type_ == arrow::Compression::SNAPPY) {
    if (is_zstd ? decompress_zstd(stored, page) : decompress_snappy(stored, page)) return {};
    return fail(malformed(fmt::format(
        "the page at byte {} cannot be decompressed: it is not what its header says", offset_)));
  }
  const auto got = codec_->Decompress(static_cast<std::int64_t>(stored.size()), stored.data(),
                                      static_cast<std::int64_t>(page.size()), page.data());
  if (got.ok() && *got == static_cast<std::int64_t>(page.size())) return {};
  return fail(malformed(
      fmt::format("the page at byte {} cannot be decompressed: {}", offset_,
                  got.ok() ? "its size is not what its header says" : got.status().message())));
}

}  // namespace polarway::pq
