#pragma once

#include <arrow/util/type_fwd.h>

#include <memory>
#include <optional>

#include "core/option_table.h"
#include "polarway/sink.h"
#include "sinks/output.h"

namespace polarway {

/// What users may say about an Arrow IPC file that is written.
struct IpcSinkOptions {
  arrow::Compression::type compression = arrow::Compression::UNCOMPRESSED;
  std::optional<Bytes> batch_bytes;
};

/// Names, aliases, meanings; reads and documents the struct.
const OptionTable<IpcSinkOptions>& ipc_sink_options();

/// A sink of Arrow IPC files (Feather version 2): all types, each as it is.
///
/// Rows are gathered into record batches of a size in bytes; a frame of about that size is one as
/// it stands. The budget pays for a few batches from make to finish; memory does not grow with the
/// file, but for the dictionaries. A dictionary may get longer from frame to frame; another one is
/// a Schema error, since a file can have only one for each column.
///
/// sync() and resume() are UnsupportedOperation: the list of the batches comes last.
Result<std::unique_ptr<Sink>> make_ipc_sink(const SinkConfig& config, const OpenOutput& open);

/// See sink_working_set_bytes().
Result<std::int64_t> ipc_sink_working_set_bytes(const SinkConfig& config);

}  // namespace polarway
