#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "polarway/dataframe.h"
#include "polarway/export.h"
#include "polarway/memory.h"
#include "polarway/result.h"
#include "polarway/schema.h"

namespace polarway {

/// How far a sink's output is safe on disk; serialisable. See Sink::sync().
struct SinkPosition {
  std::string position;   ///< The sink's own words; opaque.
  std::int64_t rows = 0;  ///< Rows written up to here.
};

/// Where rows go. Nothing stands under the final name before finish() succeeded. A sink that is
/// aborted leaves no file; nor does one that is destroyed, unless sync() kept it for a resume().
///
/// Threads: one caller at a time.
class POLARWAY_EXPORT Sink {
 public:
  virtual ~Sink() = default;

  /// Appends the rows. The frame's schema must be the one the sink was made for. After an error
  /// only abort() is left.
  virtual Result<void> write(const DataFrame& frame) = 0;
  /// Makes all rows written so far survive a crash, and says where that is. UnsupportedOperation
  /// where the format has no such point.
  virtual Result<SinkPosition> sync() = 0;
  /// Takes up unfinished output at a position that sync() gave to an earlier sink of the same
  /// path, and drops what came after it. Only before the first write().
  virtual Result<void> resume(const SinkPosition& position) = 0;
  /// Writes what is left, makes it durable and gives it its final name.
  virtual Result<void> finish() = 0;
  /// Drops the output. Idempotent; does nothing after finish().
  virtual void abort() = 0;
  /// Bytes written so far.
  virtual std::int64_t bytes_written() const = 0;
};

/// What a sink is made from.
struct SinkConfig {
  std::string path;  ///< The final name, or "-" for standard output (csv and ndjson).
  std::string
      format;     ///< "csv", "ndjson", "parquet" or "ipc"; empty means by the path's extension.
  Schema schema;  ///< Of the frames that will be written.
  std::shared_ptr<MemoryBudget> budget;             ///< Pays for the buffers. Must not be null.
  std::map<std::string, std::string> options = {};  ///< Of the format, such as `compression`.
  bool parallel = true;  ///< Whether the columns of a Parquet file are encoded on several threads.

  /// The path is a folder, empty or not there yet: the rows go into files in it, `part-000000.csv`
  /// and so on, each there as soon as it is complete, and `_SUCCESS` says that all are. So every
  /// format can sync() and resume(): a file ends there. The two below imply it.
  bool in_parts = false;
  /// A file that has grown so large is the last of its rows; the next chunk begins another. 0: no
  /// end.
  std::int64_t max_file_bytes = 0;
  /// Columns whose values become folders, `year=2024/city=Bern/`, and are not in the files.
  std::vector<std::string> partition_by = {};
};

/// Opens a sink. Config for an unknown format or option, Io (NotFound) when the folder cannot be
/// written, MemoryLimit when the budget has no room for its buffers.
POLARWAY_EXPORT Result<std::unique_ptr<Sink>> make_sink(const SinkConfig& config);

/// The least memory that make_sink() will reserve: the sink's part of the floor of a job. Where the
/// schema has no columns yet, as for a table of 16. Config error as make_sink().
POLARWAY_EXPORT Result<std::int64_t> sink_working_set_bytes(const SinkConfig& config);

/// Whether the sink can sync() and resume(). Config error as make_sink().
POLARWAY_EXPORT Result<bool> sink_resumes(const SinkConfig& config);

/// The formats that make_sink() knows.
POLARWAY_EXPORT std::vector<std::string> sink_formats();

}  // namespace polarway
