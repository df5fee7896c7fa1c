#include "transports/transcoded_stream.h"

#include <arrow/buffer.h>
#include <arrow/memory_pool.h>
#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "core/arrow_status.h"
#include "core/quoted_text.h"
#include "transports/sequential_stream.h"

namespace polarway {
namespace {

constexpr std::int64_t kBufferBytes = 64 << 10;
// What the C library takes for the steps of a conversion, measured generously.
constexpr std::int64_t kIconvBytes = 64 << 10;

class TranscodedStream final : public SequentialStream {
 public:
  TranscodedStream(std::unique_ptr<ByteStream> stored, const TextStart& text)
      : SequentialStream(std::move(stored), text.from.name), text_(text) {}
  ~TranscodedStream() override {
    if (converter_ != kNone) iconv_close(converter_);
  }

  Result<void> open(const std::shared_ptr<MemoryBudget>& budget) {
    POLARWAY_TRY(lease_, budget->reserve(kBufferBytes + kIconvBytes, LeaseHolder::Reader));
    POLARWAY_TRY(buffer_, from_arrow(arrow::AllocateBuffer(kBufferBytes, budget->arrow_pool())));
    converter_ = iconv_open("UTF-8", iconv_name(text_.from).c_str());
    if (converter_ == kNone) {
      return fail({.kind = ErrorKind::Config,
                   .where = {.location = location()},
                   .message = "the system cannot convert from " + text_.from.name,
                   .hint = "`iconv -l` lists the encodings there are"});
    }
    start_over();
    return {};
  }

 private:
  Result<std::int64_t> produce(std::span<std::uint8_t> into, const std::stop_token& stop) override {
    for (;;) {
      if (stop.stop_requested()) return fail(cancelled());
      if (spilled_ > 0) return take_spilled(into);
      if (at_end_) return 0;
      POLARWAY_CHECK(skip_mark(stop));
      std::size_t made = convert(into);
      if (made > 0) return static_cast<std::int64_t>(made);
      if (error_ == E2BIG) {  // `into` is too small for one character
        spill_begin_ = 0;
        spilled_ = convert(spill_);
        continue;
      }
      if (error_ == EILSEQ) return fail(invalid());
      if (stored_ended_) {
        if (error_ == EINVAL) return fail(truncated());
        at_end_ = true;
        spill_begin_ = 0;
        spilled_ = flush();
        continue;
      }
      POLARWAY_CHECK(refill(stop));
    }
  }

  void start_over() override {
    iconv(converter_, nullptr, nullptr, nullptr, nullptr);
    begin_ = end_ = 0;
    mark_left_ = text_.byte_order_mark;
    stored_ended_ = at_end_ = false;
    spilled_ = 0;
  }

  Result<void> skip_mark(const std::stop_token& stop) {
    while (mark_left_ > 0 && !stored_ended_) {
      if (begin_ == end_) POLARWAY_CHECK(refill(stop));
      const std::size_t skipped = std::min(mark_left_, end_ - begin_);
      begin_ += skipped;
      mark_left_ -= skipped;
    }
    return {};
  }

  // Says how much was made; error_ says why it is not more.
  std::size_t convert(std::span<std::uint8_t> into) {
    char* in = reinterpret_cast<char*>(buffer_->mutable_data()) + begin_;
    std::size_t in_left = end_ - begin_;
    char* out = reinterpret_cast<char*>(into.data());
    std::size_t out_left = into.size();
    const bool ok =
        iconv(converter_, &in, &in_left, &out, &out_left) != static_cast<std::size_t>(-1);
    error_ = ok ? 0 : errno;
    begin_ = end_ - in_left;
    return into.size() - out_left;
  }

  // A character that might have been joined with the next one.
  std::size_t flush() {
    char* out = reinterpret_cast<char*>(spill_.data());
    std::size_t out_left = spill_.size();
    iconv(converter_, nullptr, nullptr, &out, &out_left);
    return spill_.size() - out_left;
  }

  std::int64_t take_spilled(std::span<std::uint8_t> into) {
    const std::size_t taken = std::min(into.size(), spilled_);
    std::memcpy(into.data(), spill_.data() + spill_begin_, taken);
    spill_begin_ += taken;
    spilled_ -= taken;
    return static_cast<std::int64_t>(taken);
  }

  Result<void> refill(const std::stop_token& stop) {
    std::memmove(buffer_->mutable_data(), buffer_->data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    POLARWAY_TRY(
        const std::int64_t got,
        read_stored({buffer_->mutable_data() + end_, static_cast<std::size_t>(kBufferBytes) - end_},
                    stop));
    end_ += static_cast<std::size_t>(got);
    stored_ended_ = got == 0;
    return {};
  }

  std::int64_t offset() const {
    return stored_position() - static_cast<std::int64_t>(end_ - begin_);
  }
  std::string next_bytes() const {
    constexpr std::size_t kShown = 4;
    std::string shown;
    for (std::size_t i = begin_; i < std::min(end_, begin_ + kShown); ++i) {
      shown += fmt::format("{}{:02X}", shown.empty() ? "" : " ", buffer_->data()[i]);
    }
    return shown;
  }

  SourceError invalid() const {
    return damage(fmt::format("the bytes {} are not valid {}, at byte {} of the text as it was "
                              "before it became UTF-8",
                              next_bytes(), text_.from.name, offset()),
                  "check encoding, or mend the text");
  }
  SourceError truncated() const {
    return damage(fmt::format("the {} text ends in the middle of a character, at byte {} of the "
                              "text as it was before it became UTF-8",
                              text_.from.name, offset()),
                  "it was not written or copied whole: get it again, or check encoding");
  }

  inline static const iconv_t kNone = reinterpret_cast<iconv_t>(-1);

  TextStart text_;
  MemoryLease lease_;
  std::unique_ptr<arrow::Buffer> buffer_;
  iconv_t converter_ = kNone;
  int error_ = 0;          // of the last convert()
  std::size_t begin_ = 0;  // of what is left to convert, in the buffer
  std::size_t end_ = 0;
  std::size_t mark_left_ = 0;
  bool stored_ended_ = false;
  bool at_end_ = false;
  std::array<std::uint8_t, 64> spill_{};  // text for which there was no room
  std::size_t spill_begin_ = 0;
  std::size_t spilled_ = 0;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> transcode(std::unique_ptr<ByteStream> stored,
                                              const TextStart& text,
                                              const std::shared_ptr<MemoryBudget>& budget) {
  auto stream = std::make_unique<TranscodedStream>(std::move(stored), text);
  POLARWAY_CHECK(stream->open(budget));
  return stream;
}

}  // namespace polarway
