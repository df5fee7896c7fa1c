#pragma once

#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "polarway/source.h"

namespace polarway::testing {

/// A source made of arithmetic: row i is (n = i, text = "x" repeated). It has what a plug-in has
/// and nothing more, and can be told to misbehave.
struct Toy {
  std::int64_t rows = 1000;
  std::int64_t text_bytes = 10;
  std::int64_t wide_from = INT64_MAX;  ///< From this row on, text is `wide_bytes` long.
  std::int64_t wide_bytes = 0;
  std::int64_t working_set_bytes = 1 << 10;
  std::int64_t fail_at_row = -1;             ///< Fails once when it comes to this row,
  ErrorKind fail_kind = ErrorKind::Network;  ///< in this way; for ever when not retryable.
  bool applies_filter = false;         ///< Claims that there is no residual, and keeps even n only.
  std::chrono::milliseconds delay{0};  ///< Per read.
  std::int64_t reject_every = 0;       ///< Leaves out every n-th row, and reports it.
  bool seekable = true;
};

class ToyReader final : public SourceReader {
 public:
  explicit ToyReader(Toy toy, std::string* committed = nullptr)
      : toy_(toy), committed_(committed) {}

  std::int64_t working_set_bytes(const ScanRequest&) const override {
    return toy_.working_set_bytes;
  }

  Result<ScanPlan> open(const ScanRequest& request, const Context& context) override {
    context_ = context;
    if (request.split) {
      next_ = std::stoll(request.split->piece);
      end_ = std::stoll(request.split->piece.substr(request.split->piece.find('-') + 1));
    } else {
      end_ = toy_.rows;
    }
    if (request.resume_from) next_ = std::stoll(*request.resume_from);
    with_text_ = !request.columns || std::find(request.columns->begin(), request.columns->end(),
                                               "text") != request.columns->end();
    arrow::FieldVector fields = {arrow::field("n", arrow::int64())};
    if (with_text_) fields.push_back(arrow::field("text", arrow::utf8()));
    schema_ = arrow::schema(fields);
    ScanPlan plan;
    plan.metadata.schema = Schema(schema_);
    plan.metadata.bytes_per_row = 8.0 + (with_text_ ? static_cast<double>(toy_.text_bytes) + 4 : 0);
    plan.metadata.seekable = toy_.seekable;
    plan.metadata.splittable = true;
    if (!toy_.applies_filter) plan.residual = request.filter;
    return plan;
  }

  Result<std::optional<Batch>> read(const ChunkTarget& target) override {
    std::this_thread::sleep_for(toy_.delay);
    arrow::MemoryPool* pool = context_.budget->arrow_pool();
    arrow::Int64Builder numbers(pool);
    arrow::StringBuilder texts(pool);
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
    while (rows < target.max_rows && next_ < end_) {
      if (next_ == toy_.fail_at_row && rows > 0) break;
      if (next_ == toy_.fail_at_row) {
        SourceError error{.kind = toy_.fail_kind, .where = {}, .message = "toy trouble"};
        error.where.row = next_ + 1;
        if (error.retryable()) toy_.fail_at_row = -1;
        return fail(std::move(error));
      }
      const std::int64_t size = next_ >= toy_.wide_from ? toy_.wide_bytes : toy_.text_bytes;
      const std::int64_t weight = 3 * (size + 16);  // builders double
      if (bytes + weight > target.max_bytes) {
        if (rows > 0) break;
        SourceError error{.kind = ErrorKind::MemoryLimit, .where = {}, .message = "a large row"};
        error.memory = MemoryShortage{};
        error.memory->needed_bytes = weight;
        return fail(std::move(error));
      }
      bytes += weight;
      const std::int64_t row = next_++;
      if (toy_.reject_every > 0 && row % toy_.reject_every == 0) {
        context_.rejects->add({.where = {}, .message = "unlucky", .raw = std::to_string(row)});
        continue;
      }
      if (toy_.applies_filter && row % 2 != 0) continue;
      (void)numbers.Append(row);
      if (with_text_) (void)texts.Append(std::string(static_cast<std::size_t>(size), 'x'));
      ++rows;
    }
    if (rows == 0) return std::nullopt;
    arrow::ArrayVector columns = {*numbers.Finish()};
    if (with_text_) columns.push_back(*texts.Finish());
    Batch batch;
    batch.rows = arrow::RecordBatch::Make(schema_, rows, std::move(columns));
    if (toy_.seekable) batch.position_after = std::to_string(next_);
    return batch;
  }

  Result<std::vector<Split>> splits(int max_splits) override {
    std::vector<Split> splits;
    for (std::int64_t i = 0; i < max_splits; ++i) {
      Split split;
      split.piece = std::to_string(toy_.rows * i / max_splits) + "-" +
                    std::to_string(toy_.rows * (i + 1) / max_splits);
      splits.push_back(std::move(split));
    }
    return splits;
  }

  Result<void> commit(const std::string& position) override {
    if (committed_ != nullptr) *committed_ = position;
    return {};
  }

  ReaderStats stats() const override { return {}; }

 private:
  Toy toy_;
  std::string* committed_;
  Context context_;
  std::shared_ptr<arrow::Schema> schema_;
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;
  bool with_text_ = true;
};

}  // namespace polarway::testing
