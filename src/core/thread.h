#pragma once

#include <pthread.h>

#include <cstddef>
#include <functional>
#include <optional>

namespace polarway {

/// Starts a thread that runs `body`, with a stack of its own size: the system's default, 8 MiB, is
/// counted by RLIMIT_DATA however little of it is touched. The thread takes no signals but those
/// that its own instructions cause, and a profiler's: the others are the program's. To be joined or
/// detached by the caller.
///
/// Nothing when the system gives no thread. `name` has at most 15 characters; `body` must not
/// throw.
std::optional<pthread_t> start_thread(const char* name, std::size_t stack_bytes,
                                      std::function<void()> body);

}  // namespace polarway
