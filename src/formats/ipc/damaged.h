#pragma once

#include <string>
#include <utility>

#include "polarway/result.h"

namespace polarway::ipc {

/// The error for bytes that do not fit together. The place is added by who knows it.
inline tl::unexpected<SourceError> damaged(std::string what) {
  return fail({.kind = ErrorKind::Parse,
               .message = std::move(what),
               .hint = "it was not written or copied whole: get it again"});
}

}  // namespace polarway::ipc
