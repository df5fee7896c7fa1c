#pragma once

#include <cstdint>

#include "polarway/source.h"

namespace polarway {

/// Of the budget, one part of so many is for what is kept of rows that were left out.
inline constexpr std::int64_t kRejectShare = 16;

/// What a kept reject takes: itself twice, as a growing vector may have room for as many again.
inline std::int64_t bytes_of(const Reject& reject) {
  return static_cast<std::int64_t>(2 * (sizeof(Reject) + sizeof(std::int64_t)) +
                                   reject.where.location.capacity() +
                                   reject.where.column.capacity() + reject.message.capacity() +
                                   reject.raw.capacity() + reject.fault.capacity());
}

}  // namespace polarway
