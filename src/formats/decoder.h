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

  /// Takes the bytes over and says which columns they have, from a sample where the format has no
  /// schema of its own. A column of which the sample has no value has Arrow's null type.
  ///
  /// `known` are types that are known already, by name: no sample is asked for those, and names
  /// that the bytes do not have are passed over. EmptySource when there are no bytes.
  virtual Result<Schema> start(std::unique_ptr<ByteStream> bytes, const Schema& known,
                               const Context& context) = 0;
  /// Once, after start().
  virtual Result<ScanPlan> open(const ScanRequest& request) = 0;
  /// Both at once.
  Result<ScanPlan> open(std::unique_ptr<ByteStream> bytes, const ScanRequest& request,
                        const Context& context) {
    POLARWAY_CHECK(start(std::move(bytes), Schema(), context));
    return open(request);
  }
  virtual Result<std::optional<Batch>> read(const ChunkTarget& target) = 0;
  virtual Result<std::vector<Split>> splits(int max_splits) = 0;
  /// The number of the next row, counted from 0 at the first row of the bytes, wherever the split
  /// or the position begins; valid after open().
  virtual std::int64_t next_row() const = 0;
  /// Of the bytes; valid after start().
  virtual std::int64_t bytes_read() const = 0;
};

}  // namespace polarway
