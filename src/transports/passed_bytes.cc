#include "transports/passed_bytes.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace polarway {

struct PassedBytes::Hash {
  XXH3_state_t state;
};

PassedBytes::PassedBytes() : hash_(std::make_unique<Hash>()) { clear(); }
PassedBytes::~PassedBytes() = default;

void PassedBytes::clear() {
  XXH3_64bits_reset(&hash_->state);
  num_bytes_ = 0;
  wanted_bytes_ = 0;
}

void PassedBytes::start_over() {
  // One that broke off again before the place leaves the place where it was.
  if (has_caught_up()) {
    wanted_bytes_ = num_bytes_;
    wanted_hash_ = XXH3_64bits_digest(&hash_->state);
  }
  XXH3_64bits_reset(&hash_->state);
  num_bytes_ = 0;
}

std::span<const std::uint8_t> PassedBytes::take(std::span<const std::uint8_t> bytes,
                                                bool& has_changed) {
  const std::int64_t old =
      std::clamp<std::int64_t>(wanted_bytes_ - num_bytes_, 0, std::ssize(bytes));
  const std::span<const std::uint8_t> again = bytes.first(static_cast<std::size_t>(old));
  if (!again.empty()) {
    XXH3_64bits_update(&hash_->state, again.data(), again.size());
    num_bytes_ += old;
    if (has_caught_up() && XXH3_64bits_digest(&hash_->state) != wanted_hash_) has_changed = true;
  }
  const std::span<const std::uint8_t> fresh = bytes.subspan(static_cast<std::size_t>(old));
  XXH3_64bits_update(&hash_->state, fresh.data(), fresh.size());
  num_bytes_ += std::ssize(fresh);
  return fresh;
}

}  // namespace polarway
