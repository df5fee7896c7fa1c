#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/byte_stream.h"
#include "polarway/result.h"
#include "polarway/source.h"

namespace polarway {

/// Rows out of bytes: one format's side of a SourceReader, whatever place the bytes come from.
/// The methods promise what SourceReader's promise, under the same names.
class Decoder {
 public:
  virtual ~Decoder() = default;

  virtual std::int64_t working_set_bytes(const ScanRequest& request) const = 0;
  /// Takes the bytes over. Reads a sample where the format has no schema of its own.
  virtual Result<ScanPlan> open(std::unique_ptr<ByteStream> bytes, const ScanRequest& request,
                                const Context& context) = 0;
  virtual Result<std::optional<Batch>> read(const ChunkTarget& target) = 0;
  virtual Result<std::vector<Split>> splits(int max_splits) = 0;
  /// Of the bytes; valid after open().
  virtual std::int64_t bytes_read() const = 0;
};

}  // namespace polarway
