#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "polarway/export.h"

namespace polarway {

/// What went wrong, by what the caller can do next.
enum class ErrorKind : std::uint8_t {
  Io,                    ///< The operating system refused a read or a write.
  Network,               ///< A connection failed; the next read_chunk() tries again.
  Timeout,               ///< Nothing came in time; the next read_chunk() tries again.
  Auth,                  ///< Credentials are missing, wrong or not enough.
  Config,                ///< An option, a column name or an expression is not valid.
  NotFound,              ///< No such file, bucket, table, topic or column of the source.
  Changed,               ///< The source is not what it was when it was opened.
  UnsupportedSource,     ///< No registered kind reads this location.
  UnsupportedOperation,  ///< This source cannot do that (reset a pipe, split a stream).
  MemoryLimit,           ///< The next step needs more memory than the limit leaves.
  EmptySource,           ///< Zero bytes, or no file matches. (A header without rows is no error.)
  Parse,                 ///< The bytes are not what the format says they are.
  Schema,                ///< The data do not fit the schema.
  Cloud,                 ///< An object store refused.
  Database,              ///< A database refused.
  Kafka,                 ///< A broker refused.
  Cancelled,             ///< A stop was requested; the next read_chunk() goes on.
  Other,                 ///< Anything else.
};

/// The kind's name as it is written above, such as "MemoryLimit".
POLARWAY_EXPORT std::string_view to_string(ErrorKind kind);

/// Where it went wrong. Unknown parts stay empty.
struct ErrorPlace {
  std::string location = {};             ///< File path, URL, table or topic, without secrets.
  std::optional<std::int64_t> row = {};  ///< Data row, counted from 1; a header is not a row.
  std::optional<std::int64_t> byte_offset =
      {};                   ///< In the text as it is read (decompressed, UTF-8), from 0.
  std::string column = {};  ///< The column's name.
};

/// Who holds memory of a budget.
struct MemoryHolding {
  std::string holder = {};  ///< "the reader", "the queue", "the sink", "you", ...
  std::int64_t bytes = 0;   ///< What the holder's leases add up to.
  std::int64_t count = 0;   ///< How many leases, or for "you": chunks.
};

/// The figures of a MemoryLimit error, in bytes.
struct MemoryShortage {
  std::int64_t limit_bytes = 0;              ///< The limit in force.
  std::int64_t used_bytes = 0;               ///< Used by everyone when the request came.
  std::int64_t needed_bytes = 0;             ///< What the request asked for on top.
  std::vector<MemoryHolding> holdings = {};  ///< Who used it, largest first.
};

/// One failure: its kind, its place, the fact and the way out. It never contains a secret.
struct POLARWAY_EXPORT SourceError {
  ErrorKind kind = ErrorKind::Other;          ///< What the caller can do next.
  ErrorPlace where = {};                      ///< Where it happened.
  std::string message = {};                   ///< The fact, in one sentence without a full stop.
  std::string hint = {};                      ///< The way out; may be empty.
  std::optional<MemoryShortage> memory = {};  ///< Set for MemoryLimit.

  /// True for Network, Timeout, MemoryLimit and Cancelled: the next read_chunk() goes on at the
  /// first row that was not delivered. Every other error repeats for ever.
  bool retryable() const;

  /// "data.csv, row 12, byte 530, column age: \"x\" is not an int64 (hint)".
  std::string to_string() const;
};

}  // namespace polarway
