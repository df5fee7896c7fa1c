#pragma once

#include <arrow/result.h>
#include <arrow/status.h>

#include <utility>

#include "polarway/result.h"

namespace polarway {

// What Arrow says, in our words. `status` must not be OK.
//
// The place is not known here: the caller adds it where it knows one. An errno in the status
// decides before its code does (ENOENT is NotFound). Arrow says Invalid of bytes it cannot decode,
// so that is Parse; callers that gave Arrow an option or an expression of the user turn it into
// Config. OutOfMemory becomes MemoryLimit without figures.
SourceError to_source_error(const arrow::Status& status);

// A Result from Arrow's: `POLARWAY_TRY(auto reader, from_arrow(parquet::arrow::OpenFile(...)));`
template <class T>
Result<T> from_arrow(arrow::Result<T> result) {
  if (!result.ok()) return fail(to_source_error(result.status()));
  return std::move(result).ValueUnsafe();
}

// The same for a call that has no value.
inline Result<void> from_arrow(const arrow::Status& status) {
  if (!status.ok()) return fail(to_source_error(status));
  return {};
}

}  // namespace polarway
