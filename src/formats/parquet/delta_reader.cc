#include "formats/parquet/delta_reader.h"

#include <algorithm>
#include <type_traits>

#include "formats/parquet/bits.h"

namespace polarway::pq {
namespace {

std::uint64_t unzigzag(std::uint64_t value) { return (value >> 1) ^ (0 - (value & 1)); }

}  // namespace

bool DeltaReader::start(std::span<const std::uint8_t> bytes) {
  *this = DeltaReader();
  next_ = bytes.data();
  end_ = bytes.data() + bytes.size();
  std::uint64_t block_values = 0;
  std::uint64_t count = 0;
  std::uint64_t first = 0;
  if (!read_varint(next_, end_, block_values) || !read_varint(next_, end_, num_miniblocks_) ||
      !read_varint(next_, end_, count) || !read_varint(next_, end_, first)) {
    return false;
  }
  // Eight values end at a byte's end, so that a miniblock does.
  if (num_miniblocks_ == 0 || block_values > INT32_MAX || num_miniblocks_ > block_values ||
      block_values % num_miniblocks_ != 0 || block_values / num_miniblocks_ % 8 != 0 ||
      count > INT32_MAX) {
    return false;
  }
  miniblock_values_ = static_cast<std::int64_t>(block_values / num_miniblocks_);
  num_values_ = left_ = static_cast<std::int64_t>(count);
  value_ = unzigzag(first);
  miniblock_ = num_miniblocks_;
  return true;
}

bool DeltaReader::next_block() {
  std::uint64_t min_delta = 0;
  if (!read_varint(next_, end_, min_delta)) return false;
  if (num_miniblocks_ > static_cast<std::uint64_t>(end_ - next_)) return false;
  min_delta_ = unzigzag(min_delta);
  widths_ = next_;
  next_ += num_miniblocks_;
  miniblock_ = 0;
  return true;
}

bool DeltaReader::next_miniblock() {
  if (miniblock_ == num_miniblocks_ && !next_block()) return false;
  width_ = widths_[miniblock_++];
  if (width_ > 64) return false;
  packed_ = next_;
  packed_at_ = 0;
  packed_left_ = miniblock_values_;
  // Of the last one, some writers leave out what nobody reads.
  const auto needed =
      static_cast<std::int64_t>((static_cast<std::uint64_t>(std::min(left_, packed_left_)) *
                                     static_cast<std::uint64_t>(width_) +
                                 7) /
                                8);
  if (needed > end_ - next_) return false;
  next_ += std::min<std::int64_t>(packed_left_ / 8 * width_, end_ - next_);
  return true;
}

template <class T>
bool DeltaReader::read(T* out, std::int64_t count) {
  if (count > left_) return false;
  if (is_first_ && count > 0) {
    *out++ = static_cast<T>(value_);
    is_first_ = false;
    --left_;
    --count;
  }
  while (count > 0) {
    if (packed_left_ == 0) {
      if (!next_miniblock()) return false;
    }
    const std::int64_t part = std::min(count, packed_left_);
    std::uint64_t value = value_;
    for (std::int64_t i = 0; i < part; ++i) {
      value +=
          min_delta_ + packed_value(packed_, static_cast<std::uint64_t>(packed_at_ + i), width_);
      out[i] = static_cast<T>(value);
    }
    value_ = value;
    out += part;
    packed_at_ += part;
    packed_left_ -= part;
    left_ -= part;
    count -= part;
  }
  return true;
}

template bool DeltaReader::read(std::int32_t* out, std::int64_t count);
template bool DeltaReader::read(std::int64_t* out, std::int64_t count);

bool DeltaReader::find_end(std::span<const std::uint8_t>& behind) const {
  DeltaReader walk = *this;
  walk.left_ = std::max<std::int64_t>(0, num_values_ - 1);
  while (walk.left_ > 0) {
    if (!walk.next_miniblock()) return false;
    walk.left_ -= std::min(walk.left_, walk.packed_left_);
  }
  behind = {walk.next_, static_cast<std::size_t>(end_ - walk.next_)};
  return true;
}

}  // namespace polarway::pq
