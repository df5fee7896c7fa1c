#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "polarway/result.h"

namespace polarway {

/// Where a sink's bytes go: a file that appears when it is complete (AtomicFile), or a place that
/// takes bytes as they come (StreamOutput). Bytes go straight to the system; sinks buffer.
///
/// The first error is final: every later call but abort() returns it again.
/// Threads: one caller at a time.
class Output {
 public:
  virtual ~Output() = default;

  /// Writes all of it.
  virtual Result<void> append(std::string_view bytes) = 0;
  /// Makes what was appended survive a crash, and returns the token by which resume() finds it.
  virtual Result<std::string> sync() = 0;
  /// Goes on with what an earlier Output of the same place left, cut to its first `bytes`. Drops
  /// what was appended here.
  virtual Result<void> resume(std::string_view token, std::int64_t bytes) = 0;
  /// Nothing more comes: makes it durable and visible.
  virtual Result<void> commit() = 0;
  /// Drops what can be dropped. Idempotent; does nothing after commit().
  virtual void abort() = 0;

  /// Bytes appended, those before a resume() included.
  virtual std::int64_t bytes() const = 0;
  /// For error messages.
  virtual const std::string& location() const = 0;
  /// A folder for files of no name that are gone when they are closed.
  virtual std::string scratch_folder() const = 0;
};

/// Opens a sink's output; called when the configuration is known to be right, because making a file
/// and removing it again is what a typing error should not do.
using OpenOutput = std::function<Result<std::unique_ptr<Output>>()>;

}  // namespace polarway
