#pragma once

#include <parquet/exception.h>

#include <new>
#include <type_traits>
#include <utility>

#include "core/arrow_status.h"
#include "core/out_of_memory.h"
#include "polarway/result.h"

namespace polarway::pq {

/// What libparquet answers: Parse, as it is about bytes. It reads nothing itself, and its IOError
/// is what it would throw elsewhere.
inline SourceError parquet_error(const arrow::Status& status) {
  SourceError error = to_source_error(status);
  if (error.kind == ErrorKind::Other || error.kind == ErrorKind::Io) error.kind = ErrorKind::Parse;
  return error;
}

/// Calls libparquet, and makes an error of what it throws: Parse, as it is about bytes.
template <class Call>
Result<std::invoke_result_t<Call&>> parquet_call(Call&& call) {
  try {
    return std::forward<Call>(call)();
  } catch (const ::parquet::ParquetStatusException& exception) {
    return fail(parquet_error(exception.status()));
  } catch (const std::bad_alloc&) {
    return fail(out_of_memory());
  } catch (const std::exception& exception) {
    return fail({.kind = ErrorKind::Parse, .message = exception.what()});
  }
}

}  // namespace polarway::pq
