#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "interrupt.h"
#include "polarway/result.h"
#include "polarway/stream.h"
#include "progress.h"
#include "source_options.h"

namespace polarway::cli {

/// What to stream, and where to.
struct StreamJob {
  SourceOptions source;
  std::optional<std::int64_t> chunk_size;
  std::optional<std::int64_t> max_chunk_size;
  std::optional<std::int64_t> limit;
  bool parallel = true;
  bool prefetch = true;
  std::string where;
  std::string select;
  std::string to;         ///< A file, "-" for standard output, or empty: rows are only decoded.
  std::string to_format;  ///< Empty: by the extension of `to`; csv for "-".
  std::vector<std::string> to_settings;      ///< "key=value", for SinkConfig::options.
  std::vector<std::string> partition_by;     ///< Columns that become folders of `to`.
  std::string max_file_size;                 ///< Of the files in the folder `to`; empty: one file.
  std::string checkpoint;                    ///< A file to go on from after a crash, or empty.
  std::optional<double> checkpoint_seconds;  ///< Time between two of its positions.
  std::string rejects;                       ///< A file for rows that are left out, or empty.
  std::string trace;                         ///< A file for the decisions, or empty.
  bool digest = false;
  ProgressMode progress = ProgressMode::Auto;
};

/// How it went; also as far as it got before an error.
struct StreamReport {
  bool is_opened = false;        ///< False: nothing below is known.
  bool was_done = false;         ///< An earlier run of the checkpoint had finished the output.
  std::int64_t rows_before = 0;  ///< Written by earlier runs.
  bool is_reader_gone = false;   ///< Whoever read our standard output left before the end.
  StreamingStats stats;
  int columns = 0;
  double seconds = 0;                ///< From before the source was opened until all was written.
  std::int64_t limit_bytes = 0;      ///< Of the budget.
  std::int64_t peak_anon_bytes = 0;  ///< RssAnon + RssShmem, measured once a chunk.
  std::int64_t bytes_written = 0;
  std::string rejects;      ///< A line about rows that were left out; empty: there are none.
  std::string digest_json;  ///< Empty unless it was asked for.
};

/// Streams the whole source. After an error, or when `interrupt` came, nothing stands under the
/// name `job.to`; with a checkpoint, what was written up to its last position waits for the next
/// run of the same job, which goes on there.
Result<void> run(const StreamJob& job, Interrupt& interrupt, StreamReport& report);

}  // namespace polarway::cli
