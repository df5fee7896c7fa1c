#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <string>

namespace polarway {

/// A batch as a table for people, in the way Polars prints one:
///
///     shape: (2, 2)
///     ┌──────┬──────┐
///     │ name ┆ age  │
///     │ ---  ┆ ---  │
///     │ str  ┆ i64  │
///     ╞══════╪══════╡
///     │ Ada  ┆ 36   │
///     │ Bob  ┆ null │
///     └──────┴──────┘
///
/// At most `max_rows` rows and 8 columns, the first and the last, with "…" between them; values of
/// at most 32 characters. Control characters appear escaped. No newline at the end.
std::string table_text(const arrow::RecordBatch& batch, std::int64_t max_rows);

}  // namespace polarway
