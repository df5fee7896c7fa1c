#include "transports/decompressed_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "transports/sequential_stream.h"

namespace polarway {
namespace {

constexpr std::size_t kBufferBytes = 64 << 10;

// Small files do no harm, whatever they expand to.
constexpr std::int64_t kHarmlessBytes = 64 << 20;

class DecompressedStream final : public SequentialStream {
 public:
  DecompressedStream(std::unique_ptr<ByteStream> stored, const CompressedFormat& format,
                     std::optional<std::int64_t> max_expansion,
                     std::shared_ptr<MemoryBudget> budget)
      : SequentialStream(std::move(stored), std::string(format.name)),
        format_(format),
        max_expansion_(max_expansion),
        memory_(std::move(budget)),
        codec_(format.make_codec(memory_)) {}
  ~DecompressedStream() override { memory_.free(buffer_); }

  Result<void> allocate_buffer() {
    POLARWAY_CHECK(memory_.pay_for(kBufferBytes));
    buffer_ = static_cast<std::uint8_t*>(memory_.allocate(kBufferBytes));
    if (buffer_ == nullptr) return fail(no_memory());
    return {};
  }

 private:
  Result<std::int64_t> produce(std::span<std::uint8_t> into, const std::stop_token& stop) override {
    if (broken_) return fail(*broken_);
    for (;;) {
      if (stop.stop_requested()) return fail(cancelled());
      if (!in_member_) {
        POLARWAY_TRY(in_member_, begin_member(stop));
        if (!in_member_) return 0;
      }
      if (left().empty()) POLARWAY_CHECK(refill(stop));
      Result<Codec::Progress> progress = codec_->decode(left(), into);
      if (!progress) return fail(damaged(std::move(progress.error())));
      begin_ += progress->consumed;
      in_member_ = !progress->at_end;
      if (progress->produced > 0) {
        const auto produced = static_cast<std::int64_t>(progress->produced);
        POLARWAY_CHECK(check_expansion(position() + produced));
        return produced;
      }
      if (progress->consumed > 0 || progress->at_end || (left().empty() && !stored_ended_)) {
        continue;
      }
      return fail(stored_ended_ && left().empty()
                      ? truncated()
                      : damaged(bad_data("no such bytes can be in it")));
    }
  }

  void start_over() override {
    begin_ = end_ = 0;
    skip_bytes_ = 0;
    stored_ended_ = false;
    in_member_ = false;
    num_members_ = 0;
    broken_.reset();
  }

  // Whether there is another member. It is begun then.
  Result<bool> begin_member(const std::stop_token& stop) {
    for (;;) {
      while (skip_bytes_ > 0) {
        if (left().empty()) POLARWAY_CHECK(refill(stop));
        if (left().empty()) return fail(truncated());
        const std::size_t skipped =
            static_cast<std::size_t>(std::min<std::uint64_t>(skip_bytes_, left().size()));
        begin_ += skipped;
        skip_bytes_ -= skipped;
      }
      if (num_members_ > 0) POLARWAY_CHECK(skip_padding(stop));
      while (left().size() < Codec::kStartBytes && !stored_ended_) POLARWAY_CHECK(refill(stop));
      if (left().empty()) return false;
      if (format_.compression == Compression::Zstd || format_.compression == Compression::Lz4) {
        skip_bytes_ = skippable_frame_bytes(left());
        if (skip_bytes_ > 0) continue;
      }
      break;
    }
    POLARWAY_CHECK(check_magic());
    if (Result<void> begun = codec_->begin(left()); !begun) {
      return fail(damaged(std::move(begun.error())));
    }
    ++num_members_;
    return true;
  }

  Result<void> skip_padding(const std::stop_token& stop) {
    for (;;) {
      const std::span<const std::uint8_t> bytes = left();
      const auto found = std::find_if(bytes.begin(), bytes.end(), [](auto byte) { return byte; });
      begin_ += static_cast<std::size_t>(found - bytes.begin());
      if (!left().empty() || stored_ended_) return {};
      POLARWAY_CHECK(refill(stop));
    }
  }

  Result<void> check_magic() {
    const std::string_view bytes(reinterpret_cast<const char*>(left().data()), left().size());
    if (bytes.starts_with(format_.magic)) return {};
    if (stored_ended_ && format_.magic.starts_with(bytes)) {
      begin_ = end_;
      return fail(truncated());
    }
    return fail(damage(fmt::format("the {} data end at byte {} of the file, and something else "
                                   "follows",
                                   format_.name, offset()),
                       "cut the file there, or make it again"));
  }

  std::span<const std::uint8_t> left() const { return {buffer_ + begin_, end_ - begin_}; }
  // Of left(), in the file.
  std::int64_t offset() const {
    return stored_position() - static_cast<std::int64_t>(end_ - begin_);
  }

  // Reads more behind left(), unless the file has ended.
  Result<void> refill(const std::stop_token& stop) {
    if (stored_ended_) return {};
    std::memmove(buffer_, buffer_ + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    POLARWAY_TRY(const std::int64_t got, read_stored({buffer_ + end_, kBufferBytes - end_}, stop));
    end_ += static_cast<std::size_t>(got);
    stored_ended_ = got == 0;
    return {};
  }

  SourceError truncated() const {
    return damage(
        fmt::format("the {} data are truncated at byte {} of the file", format_.name, offset()),
        "it was not written or copied whole: get it again");
  }

  SourceError damaged(SourceError error) {
    error.where.location = location();
    if (error.kind == ErrorKind::MemoryLimit) {
      if (!error.memory) broken_ = error;
      return error;
    }
    error.message = fmt::format(
        "the {} data are damaged, or not what they seem, near byte {} of "
        "the file: {}",
        format_.name, offset(), error.message);
    if (error.hint.empty()) error.hint = "get the file again";
    return error;
  }

  Result<void> check_expansion(std::int64_t produced) {
    if (!max_expansion_ || produced < kHarmlessBytes) return {};
    const std::int64_t consumed = std::max<std::int64_t>(1, offset());
    if (produced / consumed < *max_expansion_) return {};
    return fail(damage(
        fmt::format("the {} data expand {} times, to more than {} bytes at byte {} of the file",
                    format_.name, produced / consumed, produced, offset()),
        fmt::format("if they are not made to do harm, set max_expansion above {}, or none",
                    *max_expansion_)));
  }

  const CompressedFormat& format_;
  std::optional<std::int64_t> max_expansion_;
  CodecMemory memory_;  // outlives what it is of
  std::unique_ptr<Codec> codec_;
  std::uint8_t* buffer_ = nullptr;
  std::size_t begin_ = 0;  // of left()
  std::size_t end_ = 0;
  std::uint64_t skip_bytes_ = 0;  // of a frame without data
  bool stored_ended_ = false;
  bool in_member_ = false;
  std::int64_t num_members_ = 0;       // begun
  std::optional<SourceError> broken_;  // until it starts over
};

}  // namespace

std::int64_t decompression_buffer_bytes() { return kBufferBytes; }

Result<std::unique_ptr<ByteStream>> decompress(std::unique_ptr<ByteStream> stored,
                                               const CompressedFormat& format,
                                               std::optional<std::int64_t> max_expansion,
                                               const std::shared_ptr<MemoryBudget>& budget) {
  auto stream =
      std::make_unique<DecompressedStream>(std::move(stored), format, max_expansion, budget);
  POLARWAY_CHECK(stream->allocate_buffer());
  return stream;
}

}  // namespace polarway
