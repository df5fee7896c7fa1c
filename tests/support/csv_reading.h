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

#include "formats/csv/csv_decoder.h"
#include "support/memory_stream.h"
#include "support/rows_text.h"

// Reads a CSV out of memory, whole, through a decoder.
namespace polarway::csv::testing {

using ::polarway::testing::append_rows;
using ::polarway::testing::MemoryStream;
using ::polarway::testing::Rows;

struct Reading {
  std::string bytes;
  std::map<std::string, std::string> options = {};
  std::int64_t block_bytes = kBlockBytes;
  std::int64_t max_rows = 1000;
  std::int64_t max_bytes = 64 << 20;
  std::int64_t limit_bytes = 256 << 20;
  std::size_t cut = std::string::npos;
  bool seekable = true;
  ScanRequest request = {};
};

struct Outcome {
  Rows rows;
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::string> positions;
  std::vector<std::int64_t> chunk_rows;
  std::optional<SourceError> error;
  std::vector<Reject> rejects;
  std::int64_t pool_bytes_left = 0;
};

inline Context make_context(std::int64_t limit_bytes) {
  Context context;
  context.budget = MemoryBudget::make(limit_bytes);
  context.executor = Executor::global();
  context.rejects = std::make_shared<RejectChannel>(context.budget);
  return context;
}

inline Outcome read_all(const Reading& reading) {
  Outcome outcome;
  const Context context = make_context(reading.limit_bytes);
  auto options = parse_csv_options(reading.options);
  if (!options) {
    outcome.error = options.error();
    return outcome;
  }
  auto decoder = make_csv_decoder(*options, reading.block_bytes);
  auto plan =
      decoder->open(std::make_unique<MemoryStream>(reading.bytes, reading.cut, reading.seekable),
                    reading.request, context);
  if (!plan) {
    outcome.error = plan.error();
    return outcome;
  }
  outcome.schema = plan->metadata.schema.arrow();
  for (;;) {
    auto batch =
        decoder->read({.max_rows = reading.max_rows, .max_bytes = reading.max_bytes, .stop = {}});
    if (!batch) {
      outcome.error = batch.error();
      if (!batch.error().retryable()) {
        // A final error repeats.
        auto again = decoder->read({.max_rows = 1, .max_bytes = 1 << 20, .stop = {}});
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
  decoder.reset();
  outcome.rejects = context.rejects->take();
  outcome.pool_bytes_left = context.budget->arrow_pool()->bytes_allocated();
  return outcome;
}

inline Rows rows_of(const std::string& bytes, std::map<std::string, std::string> options = {}) {
  Outcome outcome = read_all({.bytes = bytes, .options = std::move(options)});
  EXPECT_FALSE(outcome.error) << outcome.error->to_string();
  return outcome.rows;
}

inline SourceError error_of(Reading reading) {
  const Outcome outcome = read_all(reading);
  EXPECT_TRUE(outcome.error.has_value());
  return outcome.error.value_or(SourceError{});
}

inline std::string types_of(const std::string& bytes,
                            std::map<std::string, std::string> options = {}) {
  const Outcome outcome = read_all({.bytes = bytes, .options = std::move(options)});
  std::string types;
  if (outcome.schema) {
    for (const auto& field : outcome.schema->fields()) {
      types += (types.empty() ? "" : " ") + field->type()->ToString();
    }
  }
  return types;
}

}  // namespace polarway::csv::testing
