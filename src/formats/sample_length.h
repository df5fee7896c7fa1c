#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/option_value.h"

namespace polarway {

/// How many rows types are inferred from.
struct SampleLength {
  static constexpr std::int64_t kAll = INT64_MAX;

  SampleLength(std::int64_t length = 10'000)
      : rows(length) {}  // NOLINT(google-explicit-constructor)

  std::int64_t rows;

  bool is_all() const { return rows == kAll; }
};

template <>
struct OptionValue<SampleLength> {  // a number of rows, or full
  static std::string type() { return "integer or full"; }
  static Result<SampleLength> parse(std::string_view text);
  static std::string print(SampleLength value) {
    return value.is_all() ? "full" : std::to_string(value.rows);
  }
};

}  // namespace polarway
