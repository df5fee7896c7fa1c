#pragma once

#include <arrow/builder.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <parquet/arrow/writer.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "formats/parquet/parquet_decoder.h"
#include "support/memory_stream.h"

namespace polarway::testing {

/// A Parquet file of these rows, as libparquet writes it.
inline std::string parquet_of(const std::shared_ptr<arrow::Table>& table,
                              std::int64_t row_group_rows = 1 << 20,
                              const std::shared_ptr<::parquet::WriterProperties>& properties =
                                  ::parquet::default_writer_properties()) {
  const auto out = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const arrow::Status written = ::parquet::arrow::WriteTable(*table, arrow::default_memory_pool(),
                                                             out, row_group_rows, properties);
  if (!written.ok()) throw std::runtime_error(written.ToString());
  return out->Finish().ValueOrDie()->ToString();
}

/// Columns of numbers, and of text of which every third is null.
inline std::shared_ptr<arrow::Table> numbered_rows(std::int64_t rows, std::size_t text_bytes = 4) {
  arrow::Int64Builder ids;
  arrow::DoubleBuilder halves;
  arrow::StringBuilder texts;
  for (std::int64_t i = 0; i < rows; ++i) {
    ids.Append(i).ok();
    halves.Append(static_cast<double>(i) / 2).ok();
    if (i % 3 == 2) {
      texts.AppendNull().ok();
    } else {
      texts.Append(std::to_string(i) + std::string(text_bytes, 'x')).ok();
    }
  }
  return arrow::Table::Make(
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("half", arrow::float64()),
                     arrow::field("text", arrow::utf8())}),
      {ids.Finish().ValueOrDie(), halves.Finish().ValueOrDie(), texts.Finish().ValueOrDie()});
}

/// A reading of a file in memory, and how it went.
struct ParquetReading {
  std::string bytes;
  ScanRequest request = {};
  std::int64_t max_rows = 1 << 20;
  std::int64_t max_bytes = 64 << 20;
  std::int64_t limit_bytes = 256 << 20;
  bool parallel = false;
};

struct ParquetOutcome {
  std::shared_ptr<arrow::Table> table;
  std::vector<std::int64_t> chunk_rows;
  std::vector<std::string> positions;
  std::optional<SourceError> error;
  std::optional<std::int64_t> num_records;
  std::optional<Expr> residual;
  std::int64_t bytes_read = 0;
  std::int64_t bytes_left = 0;  ///< Leases and pool, when all is gone.
};

inline ParquetOutcome read_parquet(const ParquetReading& reading) {
  ParquetOutcome outcome;
  Context context;
  context.budget = MemoryBudget::make(reading.limit_bytes);
  context.executor = Executor::global();
  context.parallel = reading.parallel;
  {
    const auto decoder = pq::make_parquet_decoder();
    const auto plan =
        decoder->open(std::make_unique<MemoryStream>(reading.bytes), reading.request, context);
    if (!plan) {
      outcome.error = plan.error();
      return outcome;
    }
    outcome.num_records = plan->metadata.num_records;
    outcome.residual = plan->residual;
    arrow::RecordBatchVector batches;
    for (;;) {
      auto batch =
          decoder->read({.max_rows = reading.max_rows, .max_bytes = reading.max_bytes, .stop = {}});
      if (!batch) outcome.error = batch.error();
      if (!batch || !*batch) break;
      outcome.chunk_rows.push_back((*batch)->rows->num_rows());
      outcome.positions.push_back((*batch)->position_after);
      // A copy, which outlives the budget's pool.
      batches.push_back((*batch)->rows->CopyTo(arrow::default_cpu_memory_manager()).ValueOrDie());
    }
    outcome.bytes_read = decoder->bytes_read();
    outcome.table =
        arrow::Table::FromRecordBatches(plan->metadata.schema.arrow(), batches).ValueOrDie();
  }
  outcome.bytes_left =
      context.budget->reserved_bytes() + context.budget->arrow_pool()->bytes_allocated();
  return outcome;
}

}  // namespace polarway::testing
