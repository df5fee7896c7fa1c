#pragma once

#include <cstdint>
#include <span>

namespace polarway::pq {

/// Reads Parquet's hybrid of runs and bit-packed groups: levels, dictionary indices, booleans.
///
/// The bytes must be readable for eight more than there are (PageBytes::kPadding).
class HybridReader {
 public:
  /// Values of `bit_width` bits, 0 to 32. Of width 0 all are 0, and take no bytes.
  HybridReader() = default;
  HybridReader(std::span<const std::uint8_t> bytes, int bit_width);

  /// The next `count` values. False where there are fewer, or one has too many bits.
  [[nodiscard]] bool read(std::uint32_t* out, std::int64_t count);
  /// The same where the width is 1, as bits from bit `at` of `bits` on, behind which kSpoiledBytes
  /// are written over.
  [[nodiscard]] bool read_bits(std::uint8_t* bits, std::int64_t at, std::int64_t count);

 private:
  bool next_run();
  void unpack(std::uint32_t* out, std::int64_t count);

  const std::uint8_t* next_ = nullptr;
  const std::uint8_t* end_ = nullptr;
  int bit_width_ = 0;
  std::int64_t left_ = 0;  // values of this run
  bool is_packed_ = false;
  std::uint32_t value_ = 0;               // of a run that is not packed
  const std::uint8_t* packed_ = nullptr;  // of one that is:
  std::int64_t packed_at_ = 0;            // its values that are read
};

}  // namespace polarway::pq
