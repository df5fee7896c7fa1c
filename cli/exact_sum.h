#pragma once

#include <array>
#include <cstdint>

namespace polarway::cli {

/// A sum of doubles without any rounding before the end, so that their order does not matter.
///
/// The law: value() is the sum of all that was added, rounded once (to 1 ulp). A fixed-point number
/// as wide as all exponents of a double, in digits of 32 bits that carry late.
class ExactSum {
 public:
  /// Adds one value. A NaN, or infinities of both signs, make the sum NaN.
  void add(double value);
  /// The sum so far.
  double value() const;

 private:
  static constexpr int kDigits = 68;  // 2,098 bits of exponents, and 64 for 2^64 values
  using Digits = std::array<std::int64_t, kDigits>;
  static void carry(Digits& digits);

  Digits digits_{};
  std::int64_t adds_until_carry_ = kAddsPerCarry;
  static constexpr std::int64_t kAddsPerCarry = std::int64_t{1} << 29;
  bool has_nan_ = false;
  bool has_infinity_ = false;
  bool has_minus_infinity_ = false;
};

}  // namespace polarway::cli
