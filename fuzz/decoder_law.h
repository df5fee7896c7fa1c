// What a decoder of text promises, whatever its format: how it is read does not show in the rows.

#pragma once

#include <arrow/memory_pool.h>
#include <arrow/table.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/memory_governor.h"
#include "formats/decoder.h"
#include "law.h"
#include "support/memory_stream.h"

namespace polarway::fuzz {

using testing::MemoryStream;

inline constexpr std::int64_t kLimitBytes = 256 << 20;
inline constexpr std::int64_t kManyRows = 1'000'000;
inline constexpr std::int64_t kManyBytes = 64 << 20;

// How a table is read: nothing of it may show in the rows.
struct Cuts {
  int num_threads = 1;
  std::int64_t block_bytes = 256 << 10;
  std::size_t read_bytes = std::string::npos;
  bool seekable = true;
  std::int64_t max_rows = kManyRows;
  std::int64_t max_bytes = kManyBytes;
  std::size_t max_chunks = std::string::npos;  ///< Where a few bytes may say that they are many.
  bool chunks_hold_leases = false;  ///< As what several chunks share does; see require_released().
};

using MakeDecoder = std::function<std::unique_ptr<Decoder>(std::int64_t block_bytes)>;

struct Outcome {
  std::vector<std::shared_ptr<MemoryBudget>> budgets;  // in whose pools the batches lie
  std::shared_ptr<arrow::Schema> schema;
  arrow::RecordBatchVector batches;
  std::vector<std::string> positions;
  std::vector<Split> splits;
  std::string error;
  std::int64_t num_rejects = 0;
  std::string rejects;  // all of them

  std::int64_t num_rows() const {
    std::int64_t rows = 0;
    for (const auto& batch : batches) rows += batch->num_rows();
    return rows;
  }
  std::shared_ptr<arrow::Table> table() const {
    return arrow::Table::FromRecordBatches(schema, batches).ValueOrDie();
  }
  void append(const Outcome& other) {
    budgets.insert(budgets.end(), other.budgets.begin(), other.budgets.end());
    batches.insert(batches.end(), other.batches.begin(), other.batches.end());
    rejects += other.rejects;
    num_rejects += other.num_rejects;
  }
};

// All that an error says, but for how full the memory was and what might help.
inline std::string error_text(SourceError error) {
  error.memory.reset();
  error.hint.clear();
  // How long a row is that is too long is known only where its end was read.
  if (error.message.find("max_line_size") != std::string::npos) error.message = "max_line_size";
  return error.to_string() + " byte " + std::to_string(error.where.byte_offset.value_or(-1)) +
         " row " + std::to_string(error.where.row.value_or(-1));
}

// All that a reject says; its place in bytes, as a split counts rows from its own start.
inline std::string rejects_text(std::vector<Reject> rejects) {
  std::string text;
  for (Reject& reject : rejects) {
    reject.where.row.reset();
    text += reject.to_json() + "\n";
  }
  return text;
}

inline const std::shared_ptr<Executor>& executor(int num_threads) {
  static const std::shared_ptr<Executor> one = std::make_shared<Executor>(1);
  static const std::shared_ptr<Executor> three = std::make_shared<Executor>(3);
  return num_threads > 1 ? three : one;
}

inline Context make_context(const Cuts& cuts) {
  Context context;
  // No lease pays for the chunks here, which a governor would take for memory that escaped.
  static MemoryGovernor idle(MemoryProbe("/nonexistent"));
  context.budget = MemoryBudget::make(kLimitBytes, MemoryScope::Accounted, idle);
  context.executor = executor(cuts.num_threads);
  context.rejects = std::make_shared<RejectChannel>(context.budget);
  context.parallel = cuts.num_threads > 1;
  return context;
}

inline void read_chunks(Decoder& decoder, const Cuts& cuts, Outcome& outcome) {
  std::int64_t max_bytes = cuts.max_bytes;
  while (outcome.batches.size() < cuts.max_chunks) {
    auto batch = decoder.read({.max_rows = cuts.max_rows, .max_bytes = max_bytes, .stop = {}});
    if (!batch && batch.error().memory && batch.error().memory->needed_bytes > max_bytes) {
      max_bytes = batch.error().memory->needed_bytes;  // as a stream does that has the room
      continue;
    }
    if (!batch) {
      outcome.error = error_text(batch.error());
      const auto again = decoder.read({.max_rows = 1, .max_bytes = kManyBytes, .stop = {}});
      require(!again && error_text(again.error()) == outcome.error, "a final error repeats",
              outcome.error);
    }
    if (!batch || !*batch) return;
    const auto& rows = (*batch)->rows;
    require(rows->num_rows() > 0 && rows->num_rows() <= cuts.max_rows, "a chunk has 1 to max_rows");
    require(rows->ValidateFull().ok(), "a chunk is a valid batch", rows->ToString());
    outcome.batches.push_back(rows);
    outcome.positions.push_back((*batch)->position_after);
    max_bytes = cuts.max_bytes;
  }
}

inline Outcome read_all(const std::string& bytes, const MakeDecoder& make_decoder, const Cuts& cuts,
                        const ScanRequest& request, int num_splits = 0) {
  Outcome outcome;
  const Context context = make_context(cuts);
  outcome.budgets.push_back(context.budget);
  auto decoder = make_decoder(cuts.block_bytes);
  const auto plan = decoder->open(
      std::make_unique<MemoryStream>(bytes, cuts.read_bytes, cuts.seekable), request, context);
  if (!plan) {
    outcome.error = error_text(plan.error());
    return outcome;
  }
  outcome.schema = plan->metadata.schema.arrow();
  if (num_splits > 0) {
    auto splits = decoder->splits(num_splits);
    if (splits) outcome.splits = *std::move(splits);
    return outcome;
  }
  read_chunks(*decoder, cuts, outcome);
  decoder.reset();
  outcome.num_rejects = context.rejects->count();
  outcome.rejects = rejects_text(context.rejects->take());
  require(cuts.chunks_hold_leases || context.budget->reserved_bytes() == 0,
          "a closed decoder holds no lease");
  return outcome;
}

inline void require_released(Outcome outcome) {
  outcome.batches.clear();
  for (const auto& budget : outcome.budgets) {
    require(budget->reserved_bytes() == 0, "without decoder and chunks there is no lease");
  }
}

inline void require_equal(const Outcome& ours, const Outcome& whole, const char* law,
                          bool with_rejects = true) {
  require(ours.error == whole.error, law, ours.error + "\nwhole: " + whole.error);
  require((ours.schema == nullptr) == (whole.schema == nullptr), law);
  if (!ours.schema) return;
  require(ours.schema->Equals(*whole.schema), law, ours.schema->ToString());
  require(ours.table()->Equals(*whole.table(), arrow::EqualOptions().nans_equal(true)), law,
          ours.table()->ToString() + "\nwhole: " + whole.table()->ToString());
  if (!with_rejects) return;
  require(ours.num_rejects == whole.num_rejects && ours.rejects == whole.rejects, law,
          ours.rejects + "\nwhole: " + whole.rejects);
}

inline void check_splits(const std::string& bytes, const MakeDecoder& make_decoder,
                         const Cuts& cuts, const ScanRequest& request, int num_splits,
                         const Outcome& whole) {
  const Outcome planned = read_all(bytes, make_decoder, cuts, request, num_splits);
  Outcome joined;
  joined.schema = whole.schema;
  for (const Split& split : planned.splits) {
    ScanRequest piece = request;
    piece.split = split;
    const Outcome part = read_all(bytes, make_decoder, cuts, piece);
    if (!part.schema) require(false, "a split opens", part.error);
    joined.append(part);
    joined.error = part.error;
    if (!part.error.empty()) break;
  }
  if (planned.splits.empty()) return;  // quotes or brackets that never close
  // A split counts rows from its own start.
  if (!whole.error.empty()) {
    require(!joined.error.empty(), "an error of the whole is one of the splits", whole.error);
    joined.error = whole.error;
  }
  require_equal(joined, whole, "splits together are the whole");
}

inline void check_resume(const std::string& bytes, const MakeDecoder& make_decoder,
                         const Cuts& cuts, const ScanRequest& request, const Outcome& pieces) {
  if (pieces.positions.empty()) return;
  const std::size_t taken = (pieces.positions.size() + 1) / 2;
  ScanRequest rest_of = request;
  rest_of.resume_from = pieces.positions[taken - 1];
  const Outcome rest = read_all(bytes, make_decoder, cuts, rest_of);
  Outcome joined;
  joined.schema = pieces.schema;
  joined.batches.assign(pieces.batches.begin(),
                        pieces.batches.begin() + static_cast<std::ptrdiff_t>(taken));
  joined.append(rest);
  joined.error = rest.error;
  // Which of the rejects come before a position, nobody has kept.
  require_equal(joined, pieces, "a stream goes on after any position", false);
}

}  // namespace polarway::fuzz
