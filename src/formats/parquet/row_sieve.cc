#include "formats/parquet/row_sieve.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <utility>

#include "frame/filter_batch.h"

namespace polarway::pq {
namespace {

// Columns of so many rows stay in the cache.
constexpr std::int64_t kRunRows = 16 << 10;
// A chunk waits for no more rows than these.
constexpr std::int64_t kMostPicks = 128 << 10;
constexpr std::int64_t kMostRuns = 64;

}  // namespace

RowSieve::RowSieve(BoundExpr predicate, std::shared_ptr<arrow::Schema> schema,
                   std::unique_ptr<ChunkMaker> columns, const RowGroups& groups,
                   Candidates candidates, std::int64_t row, std::shared_ptr<MemoryBudget> budget)
    : predicate_(std::move(predicate)),
      schema_(std::move(schema)),
      columns_(std::move(columns)),
      groups_(groups),
      candidates_(std::move(candidates)),
      budget_(std::move(budget)),
      row_(row),
      range_end_(row) {
  if (row < groups_.num_rows()) next_group_ = groups_.find(row);
}

Result<std::unique_ptr<RowSieve>> RowSieve::make(BoundExpr predicate,
                                                 std::shared_ptr<arrow::Schema> schema,
                                                 std::unique_ptr<ChunkMaker> columns,
                                                 const RowGroups& groups, Candidates candidates,
                                                 std::int64_t row,
                                                 std::shared_ptr<MemoryBudget> budget) {
  std::unique_ptr<RowSieve> made(new RowSieve(std::move(predicate), std::move(schema),
                                              std::move(columns), groups, std::move(candidates),
                                              row, std::move(budget)));
  Result<void> paid = made->pay_for(kRunBytes);
  if (!paid) {
    paid.error().message = "there is no room for the columns of the filter";
    paid.error().hint = "raise the memory limit";
    return fail(std::move(paid.error()));
  }
  return made;
}

std::span<const std::int64_t> RowSieve::picks() const {
  return std::span(picks_).subspan(dropped_);
}

Result<void> RowSieve::pay_for(std::int64_t bytes) {
  if (!run_lease_) {
    POLARWAY_TRY(run_lease_, budget_->reserve(bytes, LeaseHolder::Reader));
    return {};
  }
  return bytes > run_lease_.bytes() ? run_lease_.grow(bytes - run_lease_.bytes()) : Result<void>();
}

// Room for the picks of another run.
Result<void> RowSieve::make_room() {
  picks_.erase(picks_.begin(), picks_.begin() + static_cast<std::ptrdiff_t>(dropped_));
  dropped_ = 0;
  const std::size_t wanted = picks_.size() + static_cast<std::size_t>(kRunRows);
  if (wanted <= picks_.capacity()) return {};
  // Both are there while one is copied.
  const std::size_t room = std::max(wanted, picks_.capacity() * 2);
  const auto bytes = static_cast<std::int64_t>(room * sizeof(std::int64_t));
  POLARWAY_TRY(MemoryLease lease, budget_->reserve(bytes, LeaseHolder::Reader));
  picks_.reserve(room);
  picks_lease_ = std::move(lease);
  return {};
}

// Has row_ in a range of rows that are looked at. False at the end.
bool RowSieve::find_range() {
  while (row_ >= range_end_) {
    if (next_range_ < ranges_.size()) {
      const RowRange& range = ranges_[next_range_++];
      if (range.end <= row_) continue;
      row_ = std::max(row_, range.begin);
      range_end_ = range.end;
      columns_->go_to(row_, range_end_);
      return true;
    }
    if (next_group_ == groups_.groups().size()) {
      row_ = groups_.num_rows();
      return false;
    }
    const RowGroups::Group& group = groups_.groups()[next_group_];
    ranges_ = candidates_(next_group_++);
    next_range_ = 0;
    for (RowRange& range : ranges_) {
      range.begin += group.first_row;
      range.end += group.first_row;
    }
  }
  return true;
}

Result<arrow::ArrayVector> RowSieve::make_columns(const std::stop_token& stop) {
  ChunkTarget target{.max_rows = kRunRows, .max_bytes = kRunBytes, .stop = stop};
  auto arrays = columns_->next(target);
  if (!arrays && arrays.error().memory && arrays.error().memory->needed_bytes > kRunBytes) {
    target.max_bytes = arrays.error().memory->needed_bytes;
    if (pay_for(target.max_bytes)) arrays = columns_->next(target);
  }
  if (!arrays) return fail(std::move(arrays.error()));
  return **std::move(arrays);
}

// Looks at a run of rows.
Result<void> RowSieve::look(const std::stop_token& stop) {
  POLARWAY_CHECK(make_room());
  POLARWAY_TRY(arrow::ArrayVector arrays, make_columns(stop));
  const std::int64_t rows = columns_->num_rows();
  const auto batch = arrow::RecordBatch::Make(schema_, rows, std::move(arrays));
  std::int64_t bytes = kept_rows_bytes(*batch, predicate_);
  for (const auto& column : batch->columns()) {
    for (const auto& buffer : column->data()->buffers) bytes += buffer ? buffer->capacity() : 0;
  }
  auto kept =
      pay_for(bytes).and_then([&] { return kept_rows(*batch, predicate_, budget_->arrow_pool()); });
  if (!kept) {
    columns_->go_to(row_, range_end_);
    return fail(std::move(kept.error()));
  }
  const std::size_t before = picks_.size();
  picks_.resize(before + static_cast<std::size_t>(rows));
  std::int64_t* next = picks_.data() + before;
  for (std::int64_t i = 0; i < rows; ++i) {
    *next = row_ + i;
    next += kept->mask->Value(i) ? 1 : 0;
  }
  picks_.resize(before + static_cast<std::size_t>(kept->count));
  row_ += rows;
  if (run_lease_.bytes() > 8 * kRunBytes) run_lease_.shrink_to(kRunBytes);  // a long row came by
  return {};
}

Result<void> RowSieve::pick(std::int64_t most, const std::stop_token& stop) {
  most = std::min(most, kMostPicks);
  for (std::int64_t runs = 0; picks().empty() || runs < kMostRuns; ++runs) {
    if (static_cast<std::int64_t>(picks().size()) >= most || !find_range()) break;
    const Result<void> looked = look(stop);
    if (!looked && picks().empty()) return looked;
    if (!looked) break;
  }
  return {};
}

}  // namespace polarway::pq
