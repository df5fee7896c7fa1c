#pragma once

#include <cstdint>
#include <span>

namespace polarway::pq {

/// Fills `out` with what the Snappy block `in` stands for. False where `in` is none, or stands for
/// another number of bytes; `out` has anything in it then.
///
/// Most of the pages that there are come in it, and libarrow's decoder took a third of the time of
/// a scan: it calls a function for each copy.
[[nodiscard]] bool decompress_snappy(std::span<const std::uint8_t> in, std::span<std::uint8_t> out);

}  // namespace polarway::pq
