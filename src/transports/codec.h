#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "polarway/result.h"
#include "transports/codec_memory.h"

namespace polarway {

/// Decompresses one format. A file of it is a sequence of members (as gzip calls them; frames,
/// streams), each of which is begun and decoded to its end.
///
/// Errors say what is wrong, not where; that is its caller's to add. All memory is CodecMemory's.
class Codec {
 public:
  /// Bytes of a member that begin() may have to look at.
  static constexpr std::size_t kStartBytes = 18;

  struct Progress {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    bool at_end = false;  ///< Of the member.
  };

  virtual ~Codec() = default;

  /// Gets ready for a member that begins with `start`, at least kStartBytes unless the file ends
  /// before, and pays for the memory that it takes. Consumes nothing: a MemoryLimit can be tried
  /// again.
  virtual Result<void> begin(std::span<const std::uint8_t> start) = 0;
  /// Decodes from `in` into `out`, until one of them is used up. The budget's MemoryLimit consumes
  /// nothing and can be tried again; after any other error nothing can.
  virtual Result<Progress> decode(std::span<const std::uint8_t> in,
                                  std::span<std::uint8_t> out) = 0;
};

/// What is wrong with the data.
inline SourceError bad_data(std::string what) {
  return {.kind = ErrorKind::Parse, .message = std::move(what)};
}

/// The system's refusal of memory that was paid for: a MemoryLimit without figures.
inline SourceError no_memory() {
  return {.kind = ErrorKind::MemoryLimit,
          .message = "the system refused memory to decompress it",
          .hint = "lower the memory limit to what there is"};
}

std::unique_ptr<Codec> make_gzip_codec(CodecMemory& memory);
std::unique_ptr<Codec> make_zstd_codec(CodecMemory& memory);
std::unique_ptr<Codec> make_bz2_codec(CodecMemory& memory);
std::unique_ptr<Codec> make_lz4_codec(CodecMemory& memory);
std::unique_ptr<Codec> make_xz_codec(CodecMemory& memory);
std::unique_ptr<Codec> make_brotli_codec(CodecMemory& memory);

}  // namespace polarway
