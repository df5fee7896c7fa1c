#include <bzlib.h>

#include <algorithm>

#include "transports/codec.h"

namespace polarway {
namespace {

class Bz2Codec final : public Codec {
 public:
  explicit Bz2Codec(CodecMemory& memory) : memory_(memory) {}
  ~Bz2Codec() override { end(); }

  Result<void> begin(std::span<const std::uint8_t> start) override {
    constexpr std::int64_t kStateBytes = 66 << 10;
    constexpr std::int64_t kBytesPerLevel = 400'000;  // the library's block, four bytes for each
    end();
    const int level = start.size() > 3 ? std::clamp(start[3] - '0', 1, 9) : 9;
    POLARWAY_CHECK(memory_.pay_for(kStateBytes + level * kBytesPerLevel));
    stream_ = {};
    stream_.opaque = &memory_;
    stream_.bzalloc = [](void* memory, int count, int size) {
      return static_cast<CodecMemory*>(memory)->allocate(static_cast<std::size_t>(count) *
                                                         static_cast<std::size_t>(size));
    };
    stream_.bzfree = [](void* memory, void* piece) {
      static_cast<CodecMemory*>(memory)->free(piece);
    };
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) return fail(no_memory());
    is_begun_ = true;
    return {};
  }

  Result<Progress> decode(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) override {
    stream_.next_in = reinterpret_cast<char*>(const_cast<std::uint8_t*>(in.data()));
    stream_.avail_in = static_cast<unsigned>(in.size());
    stream_.next_out = reinterpret_cast<char*>(out.data());
    stream_.avail_out = static_cast<unsigned>(out.size());
    const int got = BZ2_bzDecompress(&stream_);
    if (got == BZ_MEM_ERROR) return fail(no_memory());
    if (got != BZ_OK && got != BZ_STREAM_END) return fail(bad_data("no such bytes can be in it"));
    return Progress{.consumed = in.size() - stream_.avail_in,
                    .produced = out.size() - stream_.avail_out,
                    .at_end = got == BZ_STREAM_END};
  }

 private:
  void end() {
    if (is_begun_) BZ2_bzDecompressEnd(&stream_);
    is_begun_ = false;
  }

  CodecMemory& memory_;
  bz_stream stream_{};
  bool is_begun_ = false;
};

}  // namespace

std::unique_ptr<Codec> make_bz2_codec(CodecMemory& memory) {
  return std::make_unique<Bz2Codec>(memory);
}

}  // namespace polarway
