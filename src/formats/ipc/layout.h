#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "polarway/result.h"

namespace arrow::ipc {
class DictionaryMemo;
}

namespace polarway::ipc {

/// How the values of a column are stored, and as what they are given out.
///
/// Given out are types that all of our house takes: text in views as text with offsets, extensions
/// as what they are stored as (their name stays in the field's metadata; no code of theirs runs).
struct Layout {
  std::shared_ptr<arrow::DataType> stored;
  std::shared_ptr<arrow::DataType> given;
  std::vector<Layout> children;     ///< Those whose arrays follow; of a dictionary: its values.
  std::int64_t dictionary_id = -1;  ///< Of a dictionary.
};

/// A column and its layout.
struct Column {
  std::shared_ptr<arrow::Field> field;  ///< As given out.
  Layout layout;
};

/// How deep types may be nested.
inline constexpr int kMaxDepth = 64;

/// The columns of a schema message; `memo` has been filled while it was read. Parse for types
/// nested deeper than kMaxDepth.
Result<std::vector<Column>> find_columns(const arrow::Schema& schema,
                                         const arrow::ipc::DictionaryMemo& memo);

}  // namespace polarway::ipc
