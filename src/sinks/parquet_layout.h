#pragma once

#include <arrow/util/type_fwd.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/option_table.h"
#include "polarway/result.h"
#include "sinks/encode_crew.h"
#include "sinks/parquet_row_group.h"

namespace polarway {

/// What users may say about a Parquet file that is written.
struct ParquetSinkOptions {
  arrow::Compression::type compression = arrow::Compression::SNAPPY;
  std::optional<Bytes> row_group_bytes;
};

/// Names, aliases, meanings; reads and documents the struct.
const OptionTable<ParquetSinkOptions>& parquet_sink_options();
/// Config error for what is not in the table, and for row groups of less than 1 MiB.
Result<ParquetSinkOptions> parse_parquet_sink_options(
    const std::map<std::string, std::string>& given);

/// How large the parts of a Parquet file may be, so that its writer fits a memory budget.
struct ParquetSizes {
  std::int64_t row_group_bytes = 0;   ///< In the file; when reached, the row group is closed.
  std::int64_t page_bytes = 0;        ///< Before compression.
  std::int64_t dictionary_bytes = 0;  ///< A larger dictionary is given up for plain values.
  std::int64_t piece_bytes = 0;       ///< Most of a frame that is handed to the writer at once.
  std::int64_t lease_bytes = 0;       ///< What the writer takes at its peak.
};

/// Sizes for so many leaf columns. Where the options say nothing, a row group gets a twelfth of the
/// bytes available, at most 64 MiB, and at least 1 MiB.
ParquetSizes parquet_sizes(int num_columns, const ParquetSinkOptions& options,
                           std::int64_t available_bytes);

/// Config error, naming the column, for a type that Parquet has not. `crew`, if any, encodes the
/// columns, and outlives what is written in this format.
Result<RowGroupFormat> parquet_format(const std::shared_ptr<arrow::Schema>& schema,
                                      const ParquetSizes& sizes,
                                      arrow::Compression::type compression, arrow::MemoryPool* pool,
                                      EncodeCrew* crew = nullptr);

/// How the columns of a row group are written: with dictionaries, but for the top-level columns
/// named.
std::shared_ptr<parquet::WriterProperties> parquet_properties(
    const ParquetSizes& sizes, arrow::Compression::type compression,
    const std::vector<std::string>& without_dictionary, arrow::MemoryPool* pool);

/// Leaf columns of a schema, which is what a Parquet writer has buffers for.
int num_leaves(const arrow::Schema& schema);

}  // namespace polarway
