#include "formats/parquet/zstd.h"

#include <zstd.h>

#include <memory>
#include <new>

namespace polarway::pq {

bool decompress_zstd(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                                  &ZSTD_freeDCtx);
  if (context == nullptr) throw std::bad_alloc();
  const std::size_t size =
      ZSTD_decompressDCtx(context.get(), out.data(), out.size(), in.data(), in.size());
  return size == out.size();  // errors are no sizes
}

}  // namespace polarway::pq
