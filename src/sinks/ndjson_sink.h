#pragma once

#include <memory>

#include "core/option_table.h"
#include "polarway/sink.h"
#include "sinks/output.h"

namespace polarway {

/// What becomes of NaN and the infinities, which JSON has not.
enum class NonFinite : std::uint8_t { Error, Null };

/// What users may say about NDJSON that is written.
struct NdjsonSinkOptions {
  NonFinite non_finite = NonFinite::Error;
};

/// Names, aliases, meanings; reads and documents the struct.
const OptionTable<NdjsonSinkOptions>& ndjson_sink_options();

/// A sink of one JSON object a line, '\n' at the end of every one, in which every column is there:
/// see NdjsonColumn. It takes TextBuffer::kBytes of the budget and some 500 bytes for each column,
/// once.
///
/// sync() and resume() work on files: a position is the place after the last row written.
Result<std::unique_ptr<Sink>> make_ndjson_sink(const SinkConfig& config, const OpenOutput& open);

/// See sink_working_set_bytes().
Result<std::int64_t> ndjson_sink_working_set_bytes(const SinkConfig& config);

}  // namespace polarway
