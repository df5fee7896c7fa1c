#pragma once

#include <cstdint>
#include <span>

namespace polarway::pq {

/// Reads DELTA_BINARY_PACKED: differences of neighbours, bit-packed in small blocks.
///
/// The bytes must be readable for nine more than there are (PageBytes::kPadding).
class DeltaReader {
 public:
  /// False where the bytes begin with no such block.
  [[nodiscard]] bool start(std::span<const std::uint8_t> bytes);
  /// How many values it says it has.
  std::int64_t num_values() const { return num_values_; }
  /// The bytes behind the last value. Nothing where there are not all values. Only before read().
  [[nodiscard]] bool find_end(std::span<const std::uint8_t>& behind) const;

  /// The next `count` values, computed modulo the width of T (int32 or int64). False where there
  /// are fewer.
  template <class T>
  [[nodiscard]] bool read(T* out, std::int64_t count);

 private:
  bool next_block();
  bool next_miniblock();

  const std::uint8_t* next_ = nullptr;  // behind what is being read
  const std::uint8_t* end_ = nullptr;
  std::uint64_t num_miniblocks_ = 0;  // of a block
  std::int64_t miniblock_values_ = 0;
  std::int64_t num_values_ = 0;
  std::int64_t left_ = 0;    // values not read
  bool is_first_ = true;     // which stands in the header
  std::uint64_t value_ = 0;  // the last one read
  std::uint64_t min_delta_ = 0;
  const std::uint8_t* widths_ = nullptr;  // of the block's miniblocks
  std::uint64_t miniblock_ = 0;           // the next of the block
  const std::uint8_t* packed_ = nullptr;  // of the miniblock
  int width_ = 0;
  std::int64_t packed_at_ = 0;
  std::int64_t packed_left_ = 0;
};

}  // namespace polarway::pq
