#pragma once

#include <cstdint>
#include <string>

#include "core/option_table.h"
#include "polarway/result.h"

namespace polarway {

// The rules by which chunk sizes follow memory and throughput.
enum class SizingPolicy : std::uint8_t {
  Classic,  // Shrink above one share of the limit, grow below another: the user guide's rules.
  Model,    // As large as pays, by what rows weigh and what a chunk costs by itself.
};

// The options that every stream takes, whatever its source: the thresholds of its controller.
// Shares are of the memory limit.
struct StreamOptions {
  std::string preset = "auto";  // A name that find_preset() knows.
  SizingPolicy policy = SizingPolicy::Classic;
  double shrink_above = 0.80;        // Chunks get smaller above this share.
  double shrink_factor = 0.5;        // By this.
  double grow_below = 0.50;          // They may get larger below this share.
  double grow_factor = 1.25;         // By this.
  double pause_above = 0.90;         // Nothing is read ahead above this share,
  double resume_below = 0.70;        // until it falls below this one.
  std::int64_t min_chunk_size = 1;   // Rows. Raise it where a chunk costs much by itself.
  Bytes max_chunk_bytes{64 << 20};   // Lower it to hand out chunks that fit a cache.
  Bytes min_chunk_bytes{256 << 10};  // Chunks are not made smaller while this fits.
  std::int64_t prefetch_depth = 1;   // Chunks read ahead; more evens out a slow source.
  std::int64_t held_timeout_ms = 0;  // How long to wait for chunks in the caller's hands.

  // Config error for values that make no sense, alone or together.
  Result<void> validate() const;
};

// How they are written. parse() does not validate().
const OptionTable<StreamOptions>& stream_option_table();

}  // namespace polarway
