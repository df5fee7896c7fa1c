#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/option_table.h"
#include "polarway/sink.h"
#include "sinks/output.h"

namespace polarway {

/// What users may say about a CSV that is written.
struct CsvSinkOptions {
  char delimiter = ',';
  bool escape_formulas = false;
};

/// Names, aliases, meanings; reads and documents the struct.
const OptionTable<CsvSinkOptions>& csv_sink_options();

/// A sink of RFC 4180 text: a header line, then a line for each row, '\n' at the end of every one.
///
/// What it writes reads back as it was, unless formulas are escaped: null is an empty field, the
/// empty string is `""`, integral floats end in ".0". In a table of one column a null is a blank
/// line, which a reader must not skip; ours does not. It takes TextBuffer::kBytes of the budget and
/// some 200 bytes for each column, once.
///
/// sync() and resume() work on files: a position is the place after the last row written.
Result<std::unique_ptr<Sink>> make_csv_sink(const SinkConfig& config, const OpenOutput& open);

/// See sink_working_set_bytes().
Result<std::int64_t> csv_sink_working_set_bytes(const SinkConfig& config);

}  // namespace polarway
