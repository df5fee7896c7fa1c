#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "polarway/error.h"

namespace polarway {

/// A value, or the SourceError that explains why there is none.
///
/// No function of the public interface throws; `value()` on an error does, as it is the caller
/// who asks for it. `Result<void>` carries no value.
template <class T>
using Result = tl::expected<T, SourceError>;

/// Makes the error state of any Result: `return fail({.kind = ErrorKind::Io, ...});`
inline tl::unexpected<SourceError> fail(SourceError error) {
  return tl::unexpected<SourceError>(std::move(error));
}

}  // namespace polarway

/// @cond
#define POLARWAY_CONCAT_INNER(a, b) a##b
#define POLARWAY_CONCAT(a, b) POLARWAY_CONCAT_INNER(a, b)
/// @endcond

/// Declares or assigns `target` from a Result, or returns its error from the calling function:
/// `POLARWAY_TRY(MemoryLease lease, budget.reserve(bytes));`
#define POLARWAY_TRY(target, ...)                                                         \
  auto POLARWAY_CONCAT(polarway_try_, __LINE__) = (__VA_ARGS__);                          \
  if (!POLARWAY_CONCAT(polarway_try_, __LINE__))                                          \
    return ::polarway::fail(std::move(POLARWAY_CONCAT(polarway_try_, __LINE__).error())); \
  target = *std::move(POLARWAY_CONCAT(polarway_try_, __LINE__))

/// Like POLARWAY_TRY, for a Result whose value is not wanted.
#define POLARWAY_CHECK(...)                                         \
  do {                                                              \
    if (auto polarway_checked = (__VA_ARGS__); !polarway_checked)   \
      return ::polarway::fail(std::move(polarway_checked.error())); \
  } while (false)
