#pragma once

#include <arrow/buffer.h>

namespace polarway {

/// A buffer that costs a chunk nothing: its bytes are paid for otherwise (a dictionary that many
/// chunks share), or are not the process's (pages of a mapped file). batch_bytes() passes it over.
class PaidBuffer : public arrow::Buffer {
 public:
  using Buffer::Buffer;
};

}  // namespace polarway
