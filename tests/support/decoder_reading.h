#pragma once

#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/decoder.h"
#include "support/memory_stream.h"
#include "support/rows_text.h"

// Reads text out of memory, whole, through a decoder.
namespace polarway::testing {

struct Reading {
  std::string bytes;
  std::map<std::string, std::string> options = {};
  std::int64_t block_bytes = 256 << 10;
  std::int64_t max_rows = 1000;
  std::int64_t max_bytes = 64 << 20;
  std::int64_t limit_bytes = 256 << 20;
  std::size_t cut = std::string::npos;
  bool seekable = true;
  ScanRequest request = {};
  int num_threads = 0;  // 0: as many as the process has
};

struct Outcome {
  Rows rows;
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::string> positions;
  std::vector<std::int64_t> chunk_rows;
  std::vector<Reject> rejects;
  std::optional<SourceError> error;
  std::int64_t pool_bytes_left = 0;  // when the decoder is gone
  std::shared_ptr<MemoryBudget> budget;
};

inline Context make_context(std::int64_t limit_bytes, int num_threads = 0) {
  Context context;
  context.budget = MemoryBudget::make(limit_bytes);
  context.executor =
      num_threads == 0 ? Executor::global() : std::make_shared<Executor>(num_threads);
  context.rejects = std::make_shared<RejectChannel>(context.budget);
  return context;
}

inline Outcome read_all(Decoder& decoder, const Reading& reading) {
  Outcome outcome;
  const Context context = make_context(reading.limit_bytes, reading.num_threads);
  auto plan =
      decoder.open(std::make_unique<MemoryStream>(reading.bytes, reading.cut, reading.seekable),
                   reading.request, context);
  outcome.budget = context.budget;
  if (!plan) {
    outcome.error = plan.error();
    return outcome;
  }
  outcome.schema = plan->metadata.schema.arrow();
  for (;;) {
    auto batch =
        decoder.read({.max_rows = reading.max_rows, .max_bytes = reading.max_bytes, .stop = {}});
    if (!batch) {
      outcome.error = batch.error();
      if (!batch.error().retryable()) {
        // A final error repeats.
        auto again = decoder.read({.max_rows = 1, .max_bytes = 1 << 20, .stop = {}});
        EXPECT_TRUE(!again && again.error().message == batch.error().message);
      }
      break;
    }
    if (!*batch) break;
    EXPECT_GT((*batch)->rows->num_rows(), 0);
    EXPECT_TRUE((*batch)->rows->ValidateFull().ok());
    append_rows(*(*batch)->rows, outcome.rows);
    outcome.positions.push_back((*batch)->position_after);
    outcome.chunk_rows.push_back((*batch)->rows->num_rows());
  }
  outcome.rejects = context.rejects->take();
  return outcome;
}

/// Makes a decoder of the options, reads, and looks at what is left of its memory.
template <class ParseOptions, class MakeDecoder>
Outcome read_all(const Reading& reading, ParseOptions parse_options, MakeDecoder make_decoder) {
  auto options = parse_options(reading.options);
  if (!options) {
    Outcome outcome;
    outcome.error = options.error();
    return outcome;
  }
  auto decoder = make_decoder(*options, reading.block_bytes);
  Outcome outcome = read_all(*decoder, reading);
  decoder.reset();
  if (outcome.budget) outcome.pool_bytes_left = outcome.budget->arrow_pool()->bytes_allocated();
  return outcome;
}

}  // namespace polarway::testing
