#pragma once

#include <functional>
#include <new>
#include <type_traits>
#include <utility>

#include "polarway/result.h"

namespace polarway {

/// What a refusal of memory by the system becomes. It must not need memory itself: the text is
/// short enough to lie within the string.
inline SourceError out_of_memory() noexcept {
  SourceError error{.kind = ErrorKind::MemoryLimit};
  error.message = "out of memory";
  return error;
}

/// Runs `work` and returns its Result; std::bad_alloc becomes an error. This is how exceptions are
/// kept from crossing the public interface. It is for the caller to know what state `work` left.
template <class Work>
std::invoke_result_t<Work&> guard(Work&& work) {
  try {
    return std::invoke(work);
  } catch (const std::bad_alloc&) {
    return fail(out_of_memory());
  }
}

}  // namespace polarway
