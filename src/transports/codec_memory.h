#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway {

/// Memory for the state and the windows of a decompression library: paid for by the budget first,
/// and then never more than that, whatever the data demand.
///
/// Threads: one at a time.
class CodecMemory {
 public:
  explicit CodecMemory(std::shared_ptr<MemoryBudget> budget) : budget_(std::move(budget)) {}
  CodecMemory(const CodecMemory&) = delete;
  CodecMemory& operator=(const CodecMemory&) = delete;

  /// Pays for `bytes` on top of what is in use; what was paid for and is not in use counts. A
  /// MemoryLimit leaves all as it is, so that it can be tried again.
  Result<void> pay_for(std::int64_t bytes);

  /// Null beyond what was paid for, and when the system refuses.
  void* allocate(std::size_t bytes) noexcept;
  /// Null is allowed.
  void free(void* memory) noexcept;

 private:
  std::shared_ptr<MemoryBudget> budget_;
  MemoryLease lease_;
  std::int64_t used_bytes_ = 0;
};

}  // namespace polarway
