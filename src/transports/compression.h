#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "transports/codec.h"

namespace polarway {

/// How bytes are compressed, as the option `compression` has it.
enum class Compression : std::uint8_t {
  Auto,  ///< Whatever the first bytes say.
  None,
  Gzip,  ///< bgzf too.
  Zstd,
  Bz2,
  Lz4,  ///< Frames.
  Xz,
  Brotli,  ///< Has no magic number: only for who is told that it is.
};

/// A compressed format that is known by its first bytes; not all of them are read.
struct CompressedFormat {
  std::string_view name;
  Compression compression = Compression::None;  ///< None: known only to be named.
  std::string_view magic;                       ///< How each member begins.
  std::string_view extension;                   ///< Of files, without the dot.
  std::unique_ptr<Codec> (*make_codec)(CodecMemory&) = nullptr;
  std::string_view way_out = {};  ///< Of one that is not read.
};

/// The format that a file which begins with `start` has; null for none that is known.
const CompressedFormat* detect_format(std::span<const std::uint8_t> start);
/// The format that `start`, all there is of a file, is cut off in before it can be told. A start
/// that may as well be text is that of a format only if it `is_expected`.
const CompressedFormat* detect_cut_format(std::span<const std::uint8_t> start,
                                          const CompressedFormat* expected);
/// The format that a file's name speaks of; null for none.
const CompressedFormat* format_of_name(std::string_view location);
/// A file's name without the extension that speaks of its format: a.csv for a.csv.gz.
std::string_view name_without_format(std::string_view location);
/// The format read for `compression`, which is not Auto or None.
const CompressedFormat& format_of(Compression compression);

/// Zstandard and LZ4 share frames that hold no data, with a size behind their magic number. The
/// bytes of the one that `start` begins with, if all of its header is there; else 0.
std::uint64_t skippable_frame_bytes(std::span<const std::uint8_t> start);

}  // namespace polarway
