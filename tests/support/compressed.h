#pragma once

#include <bzlib.h>
#include <isa-l/igzip_lib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zstd.h>

#include <cstring>
#include <string>
#include <string_view>

#include "transports/compression.h"

namespace polarway::testing {

/// One member of a compressed file, with all the checksums that the format has.
inline std::string compressed(Compression compression, std::string_view text) {
  std::string out(text.size() * 2 + (1 << 20), '\0');
  auto* const source = reinterpret_cast<const std::uint8_t*>(text.data());
  auto* const target = reinterpret_cast<std::uint8_t*>(out.data());
  switch (compression) {
    case Compression::Gzip: {
      isal_zstream stream;
      isal_deflate_stateless_init(&stream);
      std::string level(ISAL_DEF_LVL1_DEFAULT, '\0');
      stream.level = 1;
      stream.level_buf = reinterpret_cast<std::uint8_t*>(level.data());
      stream.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
      stream.gzip_flag = IGZIP_GZIP;
      stream.end_of_stream = 1;
      stream.next_in = const_cast<std::uint8_t*>(source);
      stream.avail_in = static_cast<std::uint32_t>(text.size());
      stream.next_out = target;
      stream.avail_out = static_cast<std::uint32_t>(out.size());
      isal_deflate_stateless(&stream);
      out.resize(stream.total_out);
      break;
    }
    case Compression::Zstd: {
      ZSTD_CCtx* context = ZSTD_createCCtx();
      ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
      out.resize(ZSTD_compress2(context, target, out.size(), source, text.size()));
      ZSTD_freeCCtx(context);
      break;
    }
    case Compression::Bz2: {
      auto size = static_cast<unsigned>(out.size());
      BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()),
                               static_cast<unsigned>(text.size()), 9, 0, 0);
      out.resize(size);
      break;
    }
    case Compression::Lz4: {
      LZ4F_preferences_t preferences{};
      preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
      out.resize(LZ4F_compressFrame(target, out.size(), source, text.size(), &preferences));
      break;
    }
    case Compression::Xz: {
      std::size_t size = 0;
      [[maybe_unused]] const lzma_ret done = lzma_easy_buffer_encode(
          6, LZMA_CHECK_CRC64, nullptr, source, text.size(), target, &size, out.size());
      out.resize(size);
      break;
    }
    case Compression::Auto:
    case Compression::None:
    case Compression::Brotli:  // has neither a magic number nor checksums
      return std::string(text);
  }
  return out;
}

}  // namespace polarway::testing
