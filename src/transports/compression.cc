#include "transports/compression.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <string>

namespace polarway {
namespace {

using namespace std::string_view_literals;

constexpr std::array kFormats{
    CompressedFormat{.name = "gzip",
                     .compression = Compression::Gzip,
                     .magic = "\x1F\x8B\x08"sv,
                     .extension = "gz",
                     .make_codec = make_gzip_codec},
    CompressedFormat{.name = "zstd",
                     .compression = Compression::Zstd,
                     .magic = "\x28\xB5\x2F\xFD"sv,
                     .extension = "zst",
                     .make_codec = make_zstd_codec},
    CompressedFormat{.name = "bz2",
                     .compression = Compression::Bz2,
                     .magic = "BZh"sv,
                     .extension = "bz2",
                     .make_codec = make_bz2_codec},
    CompressedFormat{.name = "lz4",
                     .compression = Compression::Lz4,
                     .magic = "\x04\x22\x4D\x18"sv,
                     .extension = "lz4",
                     .make_codec = make_lz4_codec},
    CompressedFormat{.name = "xz",
                     .compression = Compression::Xz,
                     .magic = "\xFD\x37\x7A\x58\x5A\x00"sv,
                     .extension = "xz",
                     .make_codec = make_xz_codec},
    CompressedFormat{.name = "brotli",
                     .compression = Compression::Brotli,
                     .magic = {},
                     .extension = {},
                     .make_codec = make_brotli_codec},
    CompressedFormat{
        .name = "zip",
        .magic = "PK\x03\x04"sv,
        .extension = "zip",
        .way_out = "pipe one of its files: unzip -p FILE.zip NAME | polarway stream -"},
    CompressedFormat{.name = "legacy lz4",
                     .magic = "\x02\x21\x4C\x18"sv,
                     .extension = {},
                     .way_out = "pipe it: lz4 -dc FILE | polarway stream -"},
    CompressedFormat{.name = "framed snappy",
                     .magic = "\xFF\x06\x00\x00sNaPpY"sv,
                     .extension = "sz",
                     .way_out = "pipe it: snzip -dc FILE | polarway stream -"},
    CompressedFormat{.name = "snappy",  // the raw format has no magic number
                     .magic = {},
                     .extension = "snappy",
                     .way_out = "compress it with zstd or lz4 instead"},
    CompressedFormat{.name = "compress",
                     .magic = "\x1F\x9D"sv,
                     .extension = "Z",
                     .way_out = "pipe it: zcat FILE | polarway stream -"},
    CompressedFormat{.name = "lzip",
                     .magic = "LZIP\x01"sv,
                     .extension = "lz",
                     .way_out = "pipe it: lzip -dc FILE | polarway stream -"},
    CompressedFormat{.name = "7z",
                     .magic = "7z\xBC\xAF\x27\x1C"sv,
                     .extension = "7z",
                     .way_out = "pipe one of its files: 7z x -so FILE.7z NAME | polarway stream -"},
};

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// "BZh" alone may be a column's name.
bool begins_a_bz2(std::string_view text) {
  const std::string_view behind = text.substr(std::min<std::size_t>(text.size(), 4));
  return text.size() > 3 && text[3] >= '1' && text[3] <= '9' &&
         (behind.starts_with("\x31\x41\x59\x26\x53\x59") ||  // a block
          behind.starts_with("\x17\x72\x45\x38\x50\x90"));   // the end
}

bool is_text(char c) { return std::isprint(static_cast<unsigned char>(c)) != 0; }

}  // namespace

const CompressedFormat* detect_format(std::span<const std::uint8_t> start) {
  std::span<const std::uint8_t> rest = start;
  for (;;) {
    const std::uint64_t skipped = skippable_frame_bytes(rest);
    if (skipped == 0) break;
    // Whose they are is beyond what can be seen: they are Zstandard's invention.
    if (skipped >= rest.size()) return &format_of(Compression::Zstd);
    rest = rest.subspan(static_cast<std::size_t>(skipped));
  }
  const std::string_view text = text_of(rest);
  for (const CompressedFormat& format : kFormats) {
    if (format.magic.empty() || !text.starts_with(format.magic)) continue;
    if (format.compression == Compression::Bz2 && !begins_a_bz2(text)) continue;
    return &format;
  }
  return nullptr;
}

const CompressedFormat* detect_cut_format(std::span<const std::uint8_t> start,
                                          const CompressedFormat* expected) {
  constexpr std::size_t kLongestMagic = 10;
  const std::string_view text = text_of(start);
  if (text.empty() || text.size() > kLongestMagic) return nullptr;
  const bool may_be_text = std::all_of(text.begin(), text.end(), is_text);
  for (const CompressedFormat& format : kFormats) {
    const bool is_cut = format.compression == Compression::Bz2
                            ? text.starts_with(format.magic) || format.magic.starts_with(text)
                            : format.magic.size() > text.size() && format.magic.starts_with(text);
    if (is_cut && (!may_be_text || &format == expected)) return &format;
  }
  return nullptr;
}

const CompressedFormat* format_of_name(std::string_view location) {
  const std::string_view name = location.substr(location.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return nullptr;
  const std::string_view extension = name.substr(dot + 1);
  if (extension == "bgz") return &format_of(Compression::Gzip);
  if (extension == "zstd") return &format_of(Compression::Zstd);
  for (const CompressedFormat& format : kFormats) {
    if (!format.extension.empty() && extension == format.extension) return &format;
  }
  return nullptr;
}

std::string_view name_without_format(std::string_view location) {
  return format_of_name(location) == nullptr ? location : location.substr(0, location.rfind('.'));
}

const CompressedFormat& format_of(Compression compression) {
  return *std::find_if(kFormats.begin(), kFormats.end(), [&](const CompressedFormat& format) {
    return format.compression == compression;
  });
}

std::uint64_t skippable_frame_bytes(std::span<const std::uint8_t> start) {
  constexpr std::size_t kHeader = 8;
  if (start.size() < kHeader || start[0] < 0x50 || start[0] > 0x5F ||
      !text_of(start.subspan(1)).starts_with("\x2A\x4D\x18")) {
    return 0;
  }
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size |= std::uint64_t{start[4 + i]} << (8 * i);
  return kHeader + size;
}

}  // namespace polarway
