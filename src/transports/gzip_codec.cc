#include <isa-l/igzip_lib.h>

#include "transports/codec.h"

namespace polarway {
namespace {

// ISA-L is three times as fast as zlib, and all its state is one struct.
class GzipCodec final : public Codec {
 public:
  explicit GzipCodec(CodecMemory& memory) : memory_(memory) {}
  ~GzipCodec() override { memory_.free(state_); }

  Result<void> begin(std::span<const std::uint8_t>) override {
    if (state_ == nullptr) {
      POLARWAY_CHECK(memory_.pay_for(sizeof(State)));
      state_ = static_cast<State*>(memory_.allocate(sizeof(State)));
      if (state_ == nullptr) return fail(no_memory());
    }
    isal_inflate_init(&state_->inflate);
    // The header is read apart: within isal_inflate(), one that is cut in two is misread.
    isal_gzip_header_init(&state_->header);
    state_->inflate.crc_flag = ISAL_GZIP_NO_HDR_VER;
    in_header_ = true;
    return {};
  }

  Result<Progress> decode(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) override {
    inflate_state& inflate = state_->inflate;
    inflate.next_in = const_cast<std::uint8_t*>(in.data());  // it reads only
    inflate.avail_in = static_cast<std::uint32_t>(in.size());
    inflate.next_out = out.data();
    inflate.avail_out = static_cast<std::uint32_t>(out.size());
    if (in_header_) {
      const int found = isal_read_gzip_header(&inflate, &state_->header);
      if (found == ISAL_UNSUPPORTED_METHOD) return fail(bad_data("its method is not deflate"));
      if (found != ISAL_DECOMP_OK && found != ISAL_END_INPUT) {
        return fail(bad_data("its header is wrong"));
      }
      in_header_ = found == ISAL_END_INPUT;
    }
    if (!in_header_) {
      const int got = isal_inflate(&inflate);
      if (got == ISAL_INCORRECT_CHECKSUM) {
        return fail(bad_data("its checksum or size is not that of the data"));
      }
      if (got < 0) return fail(bad_data("no such bytes can be in it"));
    }
    return Progress{.consumed = in.size() - inflate.avail_in,
                    .produced = out.size() - inflate.avail_out,
                    .at_end = inflate.block_state == ISAL_BLOCK_FINISH};
  }

 private:
  struct State {
    inflate_state inflate;
    isal_gzip_header header;
  };

  CodecMemory& memory_;
  State* state_ = nullptr;
  bool in_header_ = true;
};

}  // namespace

std::unique_ptr<Codec> make_gzip_codec(CodecMemory& memory) {
  return std::make_unique<GzipCodec>(memory);
}

}  // namespace polarway
