// How the fuzzers of binary formats read: the first bytes of an input say it of the others.

#pragma once

#include <arrow/type.h>

#include <string>
#include <utility>
#include <vector>

#include "decoder_law.h"

namespace polarway::fuzz {

class Choices {
 public:
  static constexpr std::size_t kCount = 4;

  explicit Choices(const std::uint8_t* bytes) : bytes_(bytes) {}

  // What is not chosen is as `cuts` have it.
  Cuts cuts(Cuts cuts = {}) const {
    cuts.max_rows = bytes_[0] % 4 == 0 ? kManyRows : 1 + bytes_[0] / 8;
    cuts.read_bytes = bytes_[1] < 64 ? 1u + bytes_[1] : std::string::npos;
    cuts.num_threads = bytes_[1] % 2 == 0 ? 1 : 3;
    return cuts;
  }

  ScanRequest request(const arrow::Schema& schema) const {
    ScanRequest request;
    if (bytes_[2] % 4 == 2 && schema.num_fields() > 0) {
      request.columns = std::vector{column_of(schema)};
    }
    return request;
  }

  // A filter that every column can have; nothing in half of all inputs.
  std::optional<Expr> filter(const arrow::Schema& schema) const {
    if (bytes_[2] % 8 < 4 || schema.num_fields() == 0) return std::nullopt;
    return col(column_of(schema)).is_not_null();
  }

  bool resumes() const { return bytes_[3] % 2 == 1; }

 private:
  std::string column_of(const arrow::Schema& schema) const {
    return schema.field((bytes_[2] / 4) % schema.num_fields())->name();
  }

  const std::uint8_t* bytes_;
};

// Calls `check` with the choices and the bytes behind them.
template <class Check>
int run_with_choices(const std::uint8_t* data, std::size_t size, Check check) {
  if (size < Choices::kCount) return -1;
  check(Choices(data), std::string(text_of(data, size, Choices::kCount)));
  return 0;
}

}  // namespace polarway::fuzz
