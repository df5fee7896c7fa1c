#pragma once

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>

#include <string>
#include <vector>

namespace polarway::testing {

/// Rows as text, one string a row: "1|Ada|null". Values of different types with one spelling are
/// told apart by the schema, which tests compare where it matters.
using Rows = std::vector<std::string>;

inline void append_rows(const arrow::RecordBatch& batch, Rows& rows) {
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    std::string text;
    for (int column = 0; column < batch.num_columns(); ++column) {
      if (column > 0) text += '|';
      const auto scalar = batch.column(column)->GetScalar(row).ValueOrDie();
      text += scalar->is_valid ? scalar->ToString() : "null";
    }
    rows.push_back(std::move(text));
  }
}

}  // namespace polarway::testing
