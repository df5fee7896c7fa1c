#define ZSTD_STATIC_LINKING_ONLY  // allocators of our own, and what a frame's header demands
#include <zstd.h>
#include <zstd_errors.h>

#include "core/format_bytes.h"
#include "transports/codec.h"

namespace polarway {
namespace {

class ZstdCodec final : public Codec {
 public:
  explicit ZstdCodec(CodecMemory& memory) : memory_(memory) {}
  ~ZstdCodec() override { ZSTD_freeDCtx(context_); }

  Result<void> begin(std::span<const std::uint8_t> start) override {
    constexpr int kLargestWindowLog = 31;
    ZSTD_frameHeader header{};
    const std::size_t missing = ZSTD_getFrameHeader(&header, start.data(), start.size());
    // Whoever is cut off in the header is cut off in decode(), too, for which this is enough.
    if (missing != 0) header.windowSize = 1 << ZSTD_WINDOWLOG_MIN;
    if (header.dictID != 0) {
      return fail(bad_data("it needs dictionary " + std::to_string(header.dictID) +
                           ", and dictionaries are not read"));
    }
    if (header.windowSize > std::uint64_t{1} << kLargestWindowLog) {
      return fail(bad_data("it needs a window of more than 2 GiB"));
    }
    ZSTD_freeDCtx(context_);
    context_ = nullptr;
    const auto needed = static_cast<std::int64_t>(ZSTD_estimateDStreamSize(header.windowSize));
    if (Result<void> paid = memory_.pay_for(needed); !paid) {
      paid.error().message = "its window is " +
                             format_bytes(static_cast<std::int64_t>(header.windowSize)) +
                             ", for which there is no room";
      paid.error().hint = "raise the memory limit";
      return paid;
    }
    context_ = ZSTD_createDCtx_advanced(
        {.customAlloc =
             [](void* memory, std::size_t size) {
               return static_cast<CodecMemory*>(memory)->allocate(size);
             },
         .customFree = [](void* memory,
                          void* piece) { static_cast<CodecMemory*>(memory)->free(piece); },
         .opaque = &memory_});
    if (context_ == nullptr) return fail(no_memory());
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kLargestWindowLog);
    return {};
  }

  Result<Progress> decode(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) override {
    ZSTD_inBuffer from{.src = in.data(), .size = in.size(), .pos = 0};
    ZSTD_outBuffer to{.dst = out.data(), .size = out.size(), .pos = 0};
    const std::size_t left = ZSTD_decompressStream(context_, &to, &from);
    if (ZSTD_isError(left)) {
      if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation) return fail(no_memory());
      return fail(bad_data(ZSTD_getErrorName(left)));
    }
    return Progress{.consumed = from.pos, .produced = to.pos, .at_end = left == 0};
  }

 private:
  CodecMemory& memory_;
  ZSTD_DCtx* context_ = nullptr;
};

}  // namespace

std::unique_ptr<Codec> make_zstd_codec(CodecMemory& memory) {
  return std::make_unique<ZstdCodec>(memory);
}

}  // namespace polarway
