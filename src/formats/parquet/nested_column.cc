#include "formats/parquet/nested_column.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/properties.h>

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "core/arrow_status.h"
#include "formats/parquet/arrow_pages.h"
#include "formats/parquet/parquet_call.h"

namespace polarway::pq {
namespace {

// What a batch should take.
constexpr std::int64_t kBatchBytes = 256 << 10;
constexpr std::int64_t kMostBatchRows = 8192;
// Of the first batch, when nothing is known of the rows.
constexpr std::int64_t kFirstBatchRows = 32;

std::int64_t bytes_of(const arrow::Array& array) {
  return arrow::util::ReferencedBufferSize(array).ValueOr(0);
}

class NestedColumn final : public Column {
 public:
  NestedColumn(const FileColumn& column, const RowGroups& groups, RandomAccess& file,
               const std::shared_ptr<MemoryBudget>& budget, std::stop_token stop)
      : column_(column), groups_(groups), file_(file), budget_(budget), stop_(std::move(stop)) {}

  std::int64_t fixed_row_bytes() const override { return 1; }
  bool varies() const override { return true; }

  void go_to(std::int64_t row) override {
    row_ = row;
    park();
    taken_.clear();
    taken_bytes_ = 0;
  }

  Result<void> start(std::int64_t /*rows*/) override {
    first_row_ = row_;
    taken_.clear();
    taken_bytes_ = 0;
    return {};
  }

  Result<std::int64_t> read(std::int64_t rows, std::int64_t max_bytes) override {
    next_bytes_ = 0;
    while (row_ < first_row_ + rows) {
      if (ahead_.empty()) POLARWAY_CHECK(read_batch());
      const std::int64_t took = take(first_row_ + rows - row_, max_bytes - taken_bytes_);
      if (took == 0) break;
      row_ += took;
    }
    return row_ - first_row_;
  }

  std::int64_t varying_bytes() const override { return taken_bytes_; }
  std::int64_t next_varying_bytes() const override { return next_bytes_; }

  Result<void> truncate(std::int64_t rows) override {
    while (row_ - first_row_ > rows) {
      const std::shared_ptr<arrow::Array> last = std::move(taken_.back());
      taken_.pop_back();
      taken_bytes_ -= bytes_of(*last);
      row_ -= last->length();
      const std::int64_t kept = std::max<std::int64_t>(0, first_row_ + rows - row_);
      ahead_.push_front(last->Slice(kept));
      if (kept == 0) continue;
      taken_.push_back(last->Slice(0, kept));
      taken_bytes_ += bytes_of(*taken_.back());
      row_ += kept;
    }
    return {};
  }

  // Always a copy: a chunk's buffers are its own, and no larger than it.
  Result<std::shared_ptr<arrow::Array>> finish() override {
    POLARWAY_TRY(auto made, from_arrow(arrow::Concatenate(taken_, budget_->arrow_pool())));
    taken_.clear();
    taken_bytes_ = 0;
    if (ahead_.empty()) lease_.release();
    return made;
  }

  void park() override {
    batches_.reset();
    reader_.reset();
    // What is taken stays; what is ahead would have to be read again.
    ahead_.clear();
    if (taken_.empty()) lease_.release();
  }

 private:
  // Moves rows from what is ahead to the chunk. Says how many.
  std::int64_t take(std::int64_t most_rows, std::int64_t max_bytes) {
    std::shared_ptr<arrow::Array> next = std::move(ahead_.front());
    ahead_.pop_front();
    std::int64_t rows = std::min(most_rows, next->length());
    std::int64_t bytes = 0;
    for (; rows > 0; rows /= 2) {
      bytes = bytes_of(*next->Slice(0, rows));
      if (bytes <= max_bytes) break;
      next_bytes_ = bytes;
    }
    if (rows < next->length()) ahead_.push_front(next->Slice(rows));
    if (rows == 0) return 0;
    taken_.push_back(next->Slice(0, rows));
    taken_bytes_ += bytes;
    return rows;
  }

  Result<void> read_batch();
  Result<void> open_group();
  Result<std::shared_ptr<arrow::Array>> next_array();
  SourceError placed(const arrow::Status& status);

  FileColumn column_;
  const RowGroups& groups_;
  RandomAccess& file_;
  std::shared_ptr<MemoryBudget> budget_;
  std::stop_token stop_;

  std::int64_t first_row_ = 0;                        // of the chunk
  std::int64_t row_ = 0;                              // the next
  std::vector<std::shared_ptr<arrow::Array>> taken_;  // of the chunk
  std::int64_t taken_bytes_ = 0;
  std::int64_t next_bytes_ = 0;
  std::deque<std::shared_ptr<arrow::Array>> ahead_;  // rows from row_ on
  MemoryLease lease_;                                // of the batches that those are parts of

  std::optional<SourceError> page_error_;  // before what writes to it
  std::unique_ptr<::parquet::arrow::FileReader> reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;  // of the row group that has row_
  std::int64_t batch_rows_ = kFirstBatchRows;
  std::int64_t wanted_rows_ = kFirstBatchRows;  // by what is known of the rows
  std::size_t group_ = 0;
};

SourceError NestedColumn::placed(const arrow::Status& status) {
  if (page_error_) return *std::exchange(page_error_, std::nullopt);
  SourceError error = parquet_error(status);
  error.where.location = file_.bytes().location();
  error.where.column = column_.name;
  error.message = fmt::format("row group {}: {}", groups_.groups()[group_].number, error.message);
  return error;
}

// Begins with the group of row_, at row_.
Result<void> NestedColumn::open_group() {
  batches_.reset();
  reader_.reset();
  group_ = groups_.find(row_);
  batch_rows_ = wanted_rows_;
  page_error_.reset();
  const RowGroups::Group& group = groups_.groups()[group_];
  const auto status = parquet_call([&]() -> arrow::Status {
    ::parquet::ArrowReaderProperties properties(/*use_threads=*/false);
    properties.set_batch_size(batch_rows_);
    properties.set_pre_buffer(false);
    ARROW_ASSIGN_OR_RAISE(
        reader_,
        ::parquet::arrow::FileReader::Make(
            budget_->arrow_pool(),
            open_with_our_pages(groups_, file_, budget_, stop_, &page_error_), properties));
    ARROW_ASSIGN_OR_RAISE(batches_, reader_->GetRecordBatchReader({group.number}, column_.leaves));
    return arrow::Status::OK();
  });
  if (!status) return fail(placed(arrow::Status::Invalid(status.error().message)));
  if (!status->ok()) return fail(placed(*status));
  for (std::int64_t left = row_ - group.first_row; left > 0;) {
    POLARWAY_TRY(const auto array, next_array());
    if (array->length() > left) ahead_.push_back(array->Slice(left));
    left -= std::min(left, array->length());
  }
  return {};
}

Result<std::shared_ptr<arrow::Array>> NestedColumn::next_array() {
  std::shared_ptr<arrow::RecordBatch> batch;
  auto status = parquet_call([&] {
    arrow::Status read = batches_->ReadNext(&batch);
    // What libparquet makes of bad bytes may be bad arrays.
    return read.ok() && batch != nullptr ? batch->ValidateFull() : read;
  });
  if (!status) return fail(placed(arrow::Status::Invalid(status.error().message)));
  if (!status->ok()) return fail(placed(*status));
  if (batch == nullptr || batch->num_rows() == 0) {
    return fail(placed(arrow::Status::Invalid("the column has fewer rows than the row group")));
  }
  if (batch->num_columns() != 1 || !batch->column(0)->type()->Equals(*column_.file_type)) {
    return fail(placed(arrow::Status::Invalid("the column is not of the type that it should be")));
  }
  return batch->column(0);
}

Result<void> NestedColumn::read_batch() {
  const bool in_group = batches_ != nullptr && groups_.find(row_) == group_;
  const bool has_size = wanted_rows_ <= 4 * batch_rows_ && wanted_rows_ >= batch_rows_ / 4;
  const std::int64_t expected = 2 * kBatchBytes;
  if (!lease_) {
    POLARWAY_TRY(lease_, budget_->reserve(expected, LeaseHolder::Reader));
  } else if (lease_.bytes() < expected) {
    POLARWAY_CHECK(lease_.grow(expected - lease_.bytes()));
  }
  if (!in_group || !has_size) POLARWAY_CHECK(open_group());
  if (ahead_.empty()) {
    POLARWAY_TRY(auto array, next_array());
    ahead_.push_back(std::move(array));
  }
  std::int64_t bytes = taken_bytes_;
  for (const auto& array : ahead_) bytes += bytes_of(*array);
  lease_.settle_at(bytes);
  const std::int64_t row_bytes = std::max<std::int64_t>(
      1, bytes_of(*ahead_.front()) / std::max<std::int64_t>(1, ahead_.front()->length()));
  wanted_rows_ = std::clamp<std::int64_t>(kBatchBytes / row_bytes, 1, kMostBatchRows);
  return {};
}

}  // namespace

std::unique_ptr<Column> make_nested_column(const FileColumn& column, const RowGroups& groups,
                                           RandomAccess& file,
                                           const std::shared_ptr<MemoryBudget>& budget,
                                           std::stop_token stop) {
  return std::make_unique<NestedColumn>(column, groups, file, budget, std::move(stop));
}

}  // namespace polarway::pq
