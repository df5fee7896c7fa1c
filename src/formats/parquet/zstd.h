#pragma once

#include <cstdint>
#include <span>

namespace polarway::pq {

/// Fills `out` with what the Zstandard frames `in` stand for. False where `in` are none, or stand
/// for another number of bytes; `out` has anything in it then. The context is the thread's, of some
/// 160 KiB: libarrow makes one for each page, which takes longer than a small page itself.
[[nodiscard]] bool decompress_zstd(std::span<const std::uint8_t> in, std::span<std::uint8_t> out);

}  // namespace polarway::pq
