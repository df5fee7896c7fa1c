#include <lzma.h>

#include "core/format_bytes.h"
#include "transports/codec.h"

namespace polarway {
namespace {

class XzCodec final : public Codec {
 public:
  explicit XzCodec(CodecMemory& memory)
      : memory_(memory),
        allocator_{
            .alloc =
                [](void* paid, std::size_t count, std::size_t size) {
                  return static_cast<CodecMemory*>(paid)->allocate(count * size);
                },
            .free = [](void* paid, void* piece) { static_cast<CodecMemory*>(paid)->free(piece); },
            .opaque = &memory} {}
  ~XzCodec() override { lzma_end(&stream_); }

  Result<void> begin(std::span<const std::uint8_t>) override {
    lzma_end(&stream_);
    stream_ = LZMA_STREAM_INIT;
    stream_.allocator = &allocator_;
    POLARWAY_CHECK(memory_.pay_for(kFirstBytes));
    if (lzma_stream_decoder(&stream_, kFirstBytes, LZMA_TELL_UNSUPPORTED_CHECK) != LZMA_OK) {
      return fail(no_memory());
    }
    return {};
  }

  Result<Progress> decode(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) override {
    stream_.next_in = in.data();
    stream_.avail_in = in.size();
    stream_.next_out = out.data();
    stream_.avail_out = out.size();
    lzma_ret got = lzma_code(&stream_, LZMA_RUN);
    const bool has_moved = stream_.avail_in < in.size() || stream_.avail_out < out.size();
    if (got == LZMA_MEMLIMIT_ERROR && !has_moved) {
      POLARWAY_TRY(got, go_on_with_more_memory());
    }
    switch (got) {
      case LZMA_OK:
      case LZMA_MEMLIMIT_ERROR:  // it comes again, when nothing can get lost
      case LZMA_BUF_ERROR:       // nothing to do
      case LZMA_STREAM_END:
        return Progress{.consumed = in.size() - stream_.avail_in,
                        .produced = out.size() - stream_.avail_out,
                        .at_end = got == LZMA_STREAM_END};
      case LZMA_MEM_ERROR:
        return fail(no_memory());
      case LZMA_UNSUPPORTED_CHECK:
        return fail(bad_data("its kind of checksum is not known"));
      case LZMA_OPTIONS_ERROR:
        return fail(bad_data("it uses what this version of xz does not know"));
      default:
        return fail(bad_data("no such bytes can be in it"));
    }
  }

 private:
  // Until a block says what dictionary it needs.
  static constexpr std::int64_t kFirstBytes = 64 << 10;

  // The library stops before it takes more than its limit, says how much that would be, and can go
  // on.
  Result<lzma_ret> go_on_with_more_memory() {
    const std::uint64_t needed = lzma_memusage(&stream_);
    Result<void> paid = memory_.pay_for(static_cast<std::int64_t>(needed));
    if (!paid) {
      paid.error().message = "it takes " + format_bytes(static_cast<std::int64_t>(needed)) +
                             " to decompress, for which there is no room";
      paid.error().hint = "raise the memory limit";
      return fail(std::move(paid.error()));
    }
    lzma_memlimit_set(&stream_, needed);
    return lzma_code(&stream_, LZMA_RUN);
  }

  CodecMemory& memory_;
  lzma_allocator allocator_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

}  // namespace

std::unique_ptr<Codec> make_xz_codec(CodecMemory& memory) {
  return std::make_unique<XzCodec>(memory);
}

}  // namespace polarway
