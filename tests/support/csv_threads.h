#pragma once

#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/memory_governor.h"
#include "formats/csv/csv_decoder.h"
#include "polarway/expr.h"
#include "support/memory_stream.h"
#include "support/rows_text.h"

namespace polarway::testing {

/// How a CSV is read, all of it.
struct CsvReading {
  std::string bytes;
  csv::CsvOptions options = {};
  int num_threads = 1;
  std::int64_t block_bytes = csv::kBlockBytes;
  std::int64_t max_rows = 1'000'000;
  std::int64_t max_bytes = 64 << 20;
  std::int64_t limit_bytes = 256 << 20;
  bool seekable = true;
  MemoryStream::Faults faults = {};
  std::optional<Expr> filter = {};
  bool counts = false;  ///< No columns.
  std::optional<std::string> resume_from = {};
  std::optional<Split> split = {};
};

/// What comes of it.
struct CsvOutcome {
  Rows rows;
  std::vector<std::string> positions;
  std::string error;
  int num_reads = 0;
  std::int64_t bytes_read = 0;
};

inline Context make_context(const CsvReading& reading) {
  Context context;
  // No lease pays for the chunks here, which a governor would take for memory that escaped.
  static MemoryGovernor idle(MemoryProbe("/nonexistent"));
  context.budget = MemoryBudget::make(reading.limit_bytes, MemoryScope::Accounted, idle);
  context.executor = std::make_shared<Executor>(reading.num_threads);
  context.rejects = std::make_shared<RejectChannel>(context.budget);
  context.parallel = reading.num_threads > 1;
  return context;
}

/// All that an error says, but for how full the memory was.
inline std::string error_text(SourceError error) {
  error.memory.reset();
  return error.to_string() + " byte " + std::to_string(error.where.byte_offset.value_or(-1)) +
         " row " + std::to_string(error.where.row.value_or(-1));
}

inline CsvOutcome read_all(const CsvReading& reading) {
  CsvOutcome outcome;
  const Context context = make_context(reading);
  auto decoder = csv::make_csv_decoder(reading.options, reading.block_bytes);
  auto stream =
      std::make_unique<MemoryStream>(reading.bytes, 5000, reading.seekable, reading.faults);
  const MemoryStream& bytes = *stream;
  ScanRequest request;
  request.filter = reading.filter;
  request.resume_from = reading.resume_from;
  request.split = reading.split;
  if (reading.counts) request.columns.emplace();
  const auto plan = decoder->open(std::move(stream), request, context);
  if (!plan)
    return {.rows = {}, .positions = {}, .error = error_text(plan.error()), .num_reads = 0};
  for (;;) {
    auto batch =
        decoder->read({.max_rows = reading.max_rows, .max_bytes = reading.max_bytes, .stop = {}});
    if (!batch && batch.error().kind == ErrorKind::Network) continue;
    if (!batch) outcome.error = error_text(batch.error());
    if (!batch || !*batch) break;
    EXPECT_GT((*batch)->rows->num_rows(), 0);
    EXPECT_LE((*batch)->rows->num_rows(), reading.max_rows);
    EXPECT_TRUE((*batch)->rows->ValidateFull().ok());
    append_rows(*(*batch)->rows, outcome.rows);
    outcome.positions.push_back((*batch)->position_after);
  }
  outcome.num_reads = bytes.num_reads();
  outcome.bytes_read = decoder->bytes_read();
  decoder.reset();
  EXPECT_EQ(context.budget->arrow_pool()->bytes_allocated(), 0);
  EXPECT_EQ(context.budget->reserved_bytes(), 0);
  return outcome;
}

}  // namespace polarway::testing
