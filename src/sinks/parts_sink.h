#pragma once

#include <functional>
#include <memory>
#include <string>

#include "polarway/result.h"
#include "polarway/sink.h"

namespace polarway {

/// A sink of many files in a folder, as SinkConfig::in_parts has it: `part-000000.parquet` and so
/// on, in a hive tree where there are columns to partition by. A file appears when it is complete,
/// `_SUCCESS` when all are. sync() closes the files at hand, so that the folder is the unfinished
/// output; resume() removes those that came later.
///
/// `config` as make_sink() has it, with a path that is a folder or does not exist; `extension` is
/// that of the files, and `make_file` makes the sink of one of them. Config error where the folder
/// has something in it already: that comes with the first write().
Result<std::unique_ptr<Sink>> make_parts_sink(
    const SinkConfig& config, const std::string& extension,
    std::function<Result<std::unique_ptr<Sink>>(const SinkConfig&)> make_file);

}  // namespace polarway
