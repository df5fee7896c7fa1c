#define LZ4F_STATIC_LINKING_ONLY  // allocators of our own
#include <lz4frame.h>

#include <cstring>

#include "transports/codec.h"

namespace polarway {
namespace {

class Lz4Codec final : public Codec {
 public:
  explicit Lz4Codec(CodecMemory& memory) : memory_(memory) {}
  ~Lz4Codec() override { LZ4F_freeDecompressionContext(context_); }

  Result<void> begin(std::span<const std::uint8_t> start) override {
    constexpr std::int64_t kStateBytes = 4 << 10;
    constexpr std::int64_t kWindowBytes = 128 << 10;
    constexpr std::uint8_t kHasDictionary = 1;
    const int flags = start.size() > 4 ? start[4] : 0;
    const int block = start.size() > 5 ? start[5] >> 4 & 7 : 0;
    if ((flags & kHasDictionary) != 0) {
      return fail(bad_data("it needs a dictionary, and dictionaries are not read"));
    }
    LZ4F_freeDecompressionContext(context_);
    context_ = nullptr;
    const std::int64_t block_bytes = std::int64_t{1} << (8 + 2 * block);  // 64 KiB to 4 MiB
    POLARWAY_CHECK(memory_.pay_for(kStateBytes + kWindowBytes + 2 * block_bytes));
    context_ = LZ4F_createDecompressionContext_advanced(
        {.customAlloc =
             [](void* memory, std::size_t size) {
               return static_cast<CodecMemory*>(memory)->allocate(size);
             },
         .customCalloc = nullptr,
         .customFree = [](void* memory,
                          void* piece) { static_cast<CodecMemory*>(memory)->free(piece); },
         .opaqueState = &memory_},
        LZ4F_VERSION);
    if (context_ == nullptr) return fail(no_memory());
    return {};
  }

  Result<Progress> decode(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) override {
    std::size_t consumed = in.size(), produced = out.size();
    const LZ4F_errorCode_t left =
        LZ4F_decompress(context_, out.data(), &produced, in.data(), &consumed, nullptr);
    if (LZ4F_isError(left)) {
      const char* name = LZ4F_getErrorName(left);
      if (std::strcmp(name, "ERROR_allocation_failed") == 0) return fail(no_memory());
      return fail(bad_data(name));
    }
    return Progress{.consumed = consumed, .produced = produced, .at_end = left == 0};
  }

 private:
  CodecMemory& memory_;
  LZ4F_dctx* context_ = nullptr;
};

}  // namespace

std::unique_ptr<Codec> make_lz4_codec(CodecMemory& memory) {
  return std::make_unique<Lz4Codec>(memory);
}

}  // namespace polarway
