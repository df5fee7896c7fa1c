#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace polarway {

/// The value in another arithmetic type, if that type has it: false, and `out` unspecified, where
/// it would be rounded, cut or wrapped. NaN is NaN in every float; a bool is 0 or 1.
template <class To, class From>
bool exact_number(From value, To& out) {
  __extension__ using Int128 = __int128;
  if constexpr (std::is_same_v<To, From>) {
    out = value;
    return true;
  } else if constexpr (std::is_same_v<To, bool>) {
    out = value != 0;
    return value == 0 || value == 1;
  } else if constexpr (std::is_floating_point_v<From> && std::is_floating_point_v<To>) {
    out = static_cast<To>(value);
    return static_cast<From>(out) == value || std::isnan(value);
  } else if constexpr (std::is_floating_point_v<From>) {
    // The type's own bounds as floats: its least value is a power of two, and one more than its
    // largest is.
    constexpr int kBits = std::numeric_limits<To>::digits;
    const From beyond = std::ldexp(From{1}, kBits);
    if (!(value >= static_cast<From>(std::numeric_limits<To>::min()) && value < beyond))
      return false;
    out = static_cast<To>(value);
    return static_cast<From>(out) == value;
  } else if constexpr (std::is_floating_point_v<To>) {
    out = static_cast<To>(value);
    return static_cast<Int128>(out) == static_cast<Int128>(value);
  } else {
    out = static_cast<To>(value);
    return static_cast<Int128>(out) == static_cast<Int128>(value);
  }
}

}  // namespace polarway
