#pragma once

#include <memory>

#include "polarway/sink.h"
#include "sinks/output.h"

namespace polarway {

/// A sink of Parquet: page index, page checksums and statistics, and the Arrow schema, so that
/// types such as timestamps with a zone come back as they were (but Parquet has no seconds: those
/// come back in milliseconds).
///
/// Rows are held, encoded and compressed, until they make a row group. The budget pays for one row
/// group and for its making (ParquetSizes::lease_bytes) from make to finish; memory does not grow
/// with the file. Only a row larger than what that lease foresees asks for more.
///
/// sync() and resume() are UnsupportedOperation: without its footer, which comes last, a Parquet
/// file cannot be read, and Arrow's writer cannot go on behind one.
Result<std::unique_ptr<Sink>> make_parquet_sink(const SinkConfig& config, const OpenOutput& open);

/// See sink_working_set_bytes().
Result<std::int64_t> parquet_sink_working_set_bytes(const SinkConfig& config);

}  // namespace polarway
