#include <brotli/decode.h>

#include "transports/codec.h"

namespace polarway {
namespace {

class BrotliCodec final : public Codec {
 public:
  explicit BrotliCodec(CodecMemory& memory) : memory_(memory) {}
  ~BrotliCodec() override { BrotliDecoderDestroyInstance(state_); }

  Result<void> begin(std::span<const std::uint8_t>) override {
    // The largest window of RFC 7932, twice its ring buffer's slack, and the Huffman tables: the
    // header tells the window, but allocations begin before anybody can ask for it.
    constexpr std::int64_t kMostBytes = (std::int64_t{17} << 20) + (std::int64_t{1} << 20);
    BrotliDecoderDestroyInstance(state_);
    state_ = nullptr;
    if (Result<void> paid = memory_.pay_for(kMostBytes); !paid) {
      paid.error().message = "its window may be 16 MiB, for which there is no room";
      paid.error().hint = "raise the memory limit";
      return paid;
    }
    state_ = BrotliDecoderCreateInstance(
        [](void* memory, std::size_t size) {
          return static_cast<CodecMemory*>(memory)->allocate(size);
        },
        [](void* memory, void* piece) { static_cast<CodecMemory*>(memory)->free(piece); },
        &memory_);
    if (state_ == nullptr) return fail(no_memory());
    return {};
  }

  Result<Progress> decode(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) override {
    std::size_t in_left = in.size();
    std::size_t out_left = out.size();
    const std::uint8_t* next_in = in.data();
    std::uint8_t* next_out = out.data();
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(state_, &in_left, &next_in, &out_left, &next_out, nullptr);
    if (result == BROTLI_DECODER_RESULT_ERROR) {
      const BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(state_);
      if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
          code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES) {
        return fail(no_memory());
      }
      return fail(bad_data(BrotliDecoderErrorString(code)));
    }
    return Progress{.consumed = in.size() - in_left,
                    .produced = out.size() - out_left,
                    .at_end = result == BROTLI_DECODER_RESULT_SUCCESS};
  }

 private:
  CodecMemory& memory_;
  BrotliDecoderState* state_ = nullptr;
};

}  // namespace

std::unique_ptr<Codec> make_brotli_codec(CodecMemory& memory) {
  return std::make_unique<BrotliCodec>(memory);
}

}  // namespace polarway
