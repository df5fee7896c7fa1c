#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "core/file_map.h"
#include "polarway/result.h"

namespace polarway {

/// Bytes of one place, in order: what transports offer and formats read.
///
/// Threads: one caller at a time.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Reads at least one byte into `into` (which must not be empty) and says how many; 0 is the
  /// end. Waits for pipes; a stop ends the wait with Cancelled. Changed when the bytes are no
  /// longer those that were there when the stream was opened.
  virtual Result<std::int64_t> read(std::span<std::uint8_t> into, std::stop_token stop) = 0;

  /// Whether what follows has to be waited for long, so that who has got something may as well go
  /// to work on it.
  virtual bool pauses() const { return false; }

  /// Goes on reading at `offset`. UnsupportedOperation when !seekable().
  virtual Result<void> seek(std::int64_t offset) = 0;
  /// Whether seek() works: a regular file, not a pipe.
  virtual bool seekable() const = 0;
  /// Whether seek() costs nothing, and size_bytes() counts what is read: not so where bytes are
  /// made of others from the start on (decompressed, of another encoding), as seek() makes them
  /// anew.
  virtual bool random_access() const { return seekable(); }
  /// Whether read_at() works.
  virtual bool reads_anywhere() const { return false; }
  /// As read(), from `offset` on; where read() itself goes on stays as it is. Several threads may
  /// call it at the same time, but nothing else meanwhile. Only where reads_anywhere().
  virtual Result<std::int64_t> read_at(std::int64_t /*offset*/, std::span<std::uint8_t> /*into*/) {
    return fail({.kind = ErrorKind::UnsupportedOperation, .message = "reads in order only"});
  }
  /// The bytes in place, where the user asked for that and they are a regular file as it stands;
  /// null otherwise. Io when it cannot be mapped.
  virtual Result<std::shared_ptr<FileMap>> map() { return nullptr; }
  /// Size as stored, when opened, when there is one.
  virtual std::optional<std::int64_t> size_bytes() const = 0;
  /// Text that differs when the bytes may differ: for checkpoints. Empty when nothing is known.
  virtual std::string identity() const = 0;
  /// For error messages: the path or URL, without secrets.
  virtual const std::string& location() const = 0;
  /// Bytes read so far, as stored. From any thread.
  virtual std::int64_t bytes_read() const = 0;
};

}  // namespace polarway
